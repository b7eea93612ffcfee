/** The parts of the page. Whatever is passed as text is escaped here; only `section` and `page` take HTML. */
import { escapeXml } from '../../lab/picture';

/** Text as HTML, in an element. */
export const escape = escapeXml;

/** A heading with what stands below it; nothing where nothing does. @param body HTML */
export const section = (title: string, body: readonly string[]): string =>
  body.some((part) => part !== '') ? `<section><h2>${escape(title)}</h2>\n${body.join('\n')}</section>` : '';

/** A table of texts, the first cell of a row its heading. */
export function rows(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = ([first, ...others]: readonly string[], tag: 'th' | 'td') =>
    `<tr><th scope="${tag === 'th' ? 'col' : 'row'}">${escape(first)}</th>${others.map((cell) => `<${tag}${tag === 'th' ? ' scope="col"' : ''}>${escape(cell)}</${tag}>`).join('')}</tr>`;
  return `<div class="wide"><table><thead>${line(head, 'th')}</thead><tbody>${body.map((cells) => line(cells, 'td')).join('\n')}</tbody></table></div>`;
}

/** @param body HTML of its parts */
export const page = (title: string, body: readonly string[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body.filter((part) => part !== '').join('\n')}
</main>
<footer>Written by the Reasoning RL Lab.</footer>
</body>
</html>
`;

const STYLE = `
:root{color-scheme:light dark;--text:#1f2933;--quiet:#5b6672;--line:#d9dee3;--sunken:#f4f6f8;--good:#24734a;--bad:#b7352d}
@media(prefers-color-scheme:dark){:root{--text:#e6e9ec;--quiet:#a3adb8;--line:#3a424b;--sunken:#1c2127;--good:#63c596;--bad:#f08a80}}
body{margin:0;color:var(--text);background:Canvas;font:15px/1.5 system-ui,sans-serif}
main,footer{max-width:1000px;margin:0 auto;padding:16px}
h1{font-size:24px}h2{margin-top:32px;font-size:18px}h3{font-size:15px}
h1,h3,p,td,th,li{overflow-wrap:anywhere}
figure{margin:0;overflow-x:auto}svg{width:100%;min-width:44rem;height:auto}
.wide{overflow-x:auto}table{border-collapse:collapse}th,td{padding:4px 12px 4px 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;font-weight:400}thead th{font-weight:600}
pre{margin:4px 0;padding:8px;background:var(--sunken);white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.5 ui-monospace,monospace}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,320px),1fr));gap:0 16px}
.muted,footer,header p{color:var(--quiet)}.good{color:var(--good)}.bad{color:var(--bad)}
@media print{details>*{display:block}}
`;
