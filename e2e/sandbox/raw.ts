/**
 * A script for the sandbox's worker that tries every way out with nothing taken away from it: as if an interpreter had been
 * broken. What is left then is the frame without an origin and its policy. Each attempt reports what became of it.
 * @param host of a listener, with its port
 * @param udp port of a listener for WebRTC's first words
 */
export const rawAttempts = (host: string, udp: number): string => `
const URL_ = 'http://${host}/raw-';
const attempts = {
  fetch: () => fetch(URL_ + 'fetch', { mode: 'no-cors' }),
  beacon: () => navigator.sendBeacon(URL_ + 'beacon', 'x'),
  xhr: () => new Promise((done, fail) => {
    const x = new XMLHttpRequest();
    x.onload = done; x.onerror = () => fail(new Error('xhr'));
    x.open('GET', URL_ + 'xhr'); x.send();
  }),
  webSocket: () => new Promise((done, fail) => {
    const s = new WebSocket('ws://${host}/raw-ws');
    s.onopen = done; s.onerror = () => fail(new Error('ws'));
  }),
  webTransport: () => new WebTransport('https://${host}/raw-wt').ready,
  eventSource: () => new Promise((done, fail) => {
    const s = new EventSource(URL_ + 'events');
    s.onopen = done; s.onerror = () => fail(new Error('events'));
  }),
  webRTC: () => {
    const c = new RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:${udp}' }] });
    c.createDataChannel('x');
    return c.createOffer().then((offer) => c.setLocalDescription(offer));
  },
  importScripts: () => importScripts(URL_ + 'importScripts.js'),
  importScriptsData: () => importScripts('data:text/javascript,1'),
  import: () => import(URL_ + 'import.js'),
  importData: () => import('data:text/javascript,export default 1'),
  evaluate: () => (0, eval)('1'),
  makeFunction: () => (function () {}).constructor('return 1')(),
  worker: () => new Promise((done, fail) => {
    const w = new Worker(URL_ + 'worker.js');
    w.onmessage = done; w.onerror = () => fail(new Error('worker'));
  }),
  nestedFetch: () => new Promise((done, fail) => {
    const code = 'fetch("' + URL_ + 'nested", { mode: "no-cors" }).then(() => postMessage(1), () => postMessage(0))';
    const w = new Worker(URL.createObjectURL(new Blob([code])));
    w.onmessage = ({ data }) => data ? done() : fail(new Error('nested')); w.onerror = () => fail(new Error('nested'));
  }),
  indexedDB: () => new Promise((done, fail) => {
    const r = indexedDB.open('left');
    r.onsuccess = done; r.onerror = () => fail(r.error);
  }),
  files: () => navigator.storage.getDirectory().then((d) => d.getFileHandle('left', { create: true })),
  caches: () => caches.open('left'),
  cookieStore: () => cookieStore.set('left', '1'),
  broadcast: () => { new BroadcastChannel('lab').postMessage('forged'); throw new Error('a channel of its own'); },
  parent: () => parent.document.title,
  opener: () => opener.document.title,
  navigate: () => { location.href = URL_ + 'navigate'; throw new Error('no location to set'); },
  clients: () => clients.openWindow(URL_ + 'window'),
  serviceWorker: () => navigator.serviceWorker.register(URL_ + 'sw.js'),
};
addEventListener('message', async ({ ports: [port] }) => {
  const outcome = {};
  for (const [name, attempt] of Object.entries(attempts))
    outcome[name] = await Promise.race([
      new Promise((done) => setTimeout(() => done('nothing came of it'), 2000)),
      Promise.resolve().then(attempt).then((v) => v === false ? 'refused' : 'DONE', (e) => 'refused: ' + e),
    ]);
  port.onmessage = () => port.postMessage(JSON.stringify({ stdout: JSON.stringify(outcome), error: null }));
  postMessage({ type: 'started' });
});
`;
