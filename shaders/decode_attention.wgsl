// Attention of one query per live row against its cache, positions 0..position; the order of operations of
// attention.wgsl, so that sampler and trainer agree. One thread per row and SHARED query heads of a group, which share
// each key it loads.
struct Slot { token: u32, position: u32, cache: u32, limit: u32, stream: u32, done: u32, pad0: u32, pad1: u32 }
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: live rows
@group(0) @binding(1) var<storage, read> row_slots: array<u32>;   // [rows]
@group(0) @binding(2) var<storage, read> slots: array<Slot>;
@group(0) @binding(3) var<storage, read> queries: array<vec4f>;   // [rows, H·HD], rotated
@group(0) @binding(4) var<storage, read> cache: array<vec4f>;     // [slots, MAX_LENGTH, 2·KV·HD]: k then v
@group(0) @binding(5) var<storage, read_write> o: array<vec4f>;   // [rows, H·HD]

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let r = id.x * SHARED / H;
  let head = id.x * SHARED % H;
  if (r >= rows.x) { return; }
  let group = head / (H / KV);
  let slot = slots[row_slots[r]];
  let first = (r * H + head) * HD4;
  #for i in SHARED
  #for c in HD4
  let q$i_$c = queries[first + $iu * HD4 + $cu] * SCALE;
  var o$i_$c = vec4f();
  #end
  var top$i = -3.4e38f;
  var total$i = 0f;
  #end
  for (var j = 0u; j <= slot.position; j++) {
    let k = ((slot.cache * MAX_LENGTH + j) * 2 * KV + group) * HD4;
    let v = k + KV * HD4;
    #for c in HD4
    let k$c = cache[k + $cu];
    let v$c = cache[v + $cu];
    #end
    #for i in SHARED
    {
      var products = vec4f();
      #for c in HD4
      products = fma(q$i_$c, k$c, products);
      #end
      let s = products.x + products.y + products.z + products.w;
      let rises = s > top$i;
      let less = exp(-abs(s - top$i));
      let keep = select(1f, less, rises);
      let p = select(less, 1f, rises);
      top$i = max(top$i, s);
      total$i = total$i * keep + p;
      #for c in HD4
      o$i_$c = fma(vec4f(p), v$c, o$i_$c * keep);
      #end
    }
    #end
  }
  #for i in SHARED
  #for c in HD4
  o[first + $iu * HD4 + $cu] = o$i_$c / total$i;
  #end
  #end
}
