// Attention of one query per live row against its slot's cache, positions 0..position; the same running softmax and order
// of operations as attention.wgsl, so that sampler and trainer agree. One thread per (row, head).
struct Slot { token: u32, position: u32, prompt: u32, limit: u32, stream: u32, done: u32, pad0: u32, pad1: u32 }
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: live rows
@group(0) @binding(1) var<storage, read> row_slots: array<u32>;   // [rows]
@group(0) @binding(2) var<storage, read> slots: array<Slot>;
@group(0) @binding(3) var<storage, read> queries: array<vec4f>;   // [rows, H·HD], rotated
@group(0) @binding(4) var<storage, read> cache: array<vec4f>;     // [slots, MAX_LENGTH, 2·KV·HD]: k then v
@group(0) @binding(5) var<storage, read_write> o: array<vec4f>;   // [rows, H·HD]

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let r = id.x / H;
  let head = id.x % H;
  if (r >= rows.x) { return; }
  let slot = row_slots[r];
  let group = head / (H / KV);
  #for c in HD4
  let q$c = queries[id.x * HD4 + $cu] * SCALE;
  var o$c = vec4f();
  #end
  var top = -3.4e38f;
  var total = 0f;
  let last = slots[slot].position;
  for (var j = 0u; j <= last; j++) {
    let k = ((slot * MAX_LENGTH + j) * 2 * KV + group) * HD4;
    let v = k + KV * HD4;
    var s = 0f;
    #for c in HD4
    s += dot(q$c, cache[k + $cu]);
    #end
    let next = max(top, s);
    let keep = exp(top - next);
    let p = exp(s - next);
    total = total * keep + p;
    #for c in HD4
    o$c = o$c * keep + p * cache[v + $cu];
    #end
    top = next;
  }
  #for c in HD4
  o[id.x * HD4 + $cu] = o$c / total;
  #end
}
