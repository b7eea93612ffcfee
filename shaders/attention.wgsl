// Causal grouped-query attention over packed sequences, one pass with a running softmax (Milakov & Gimelshein 2018):
//   o[t,h] = Σ_{j = start..t} softmax_j(q[t,h]·k[j,g] / √HD) v[j,g],   lse[t,h] = log Σ exp;   g = h / (H/KV)
// One thread per head and QUERIES consecutive tokens, which share each key it loads; neighbouring threads on neighbouring
// tokens read the same key. HD4 = HD/4.
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: T
@group(0) @binding(1) var<storage, read> qk: array<vec4f>;            // [T, (H+KV)·HD], rotated
@group(0) @binding(2) var<storage, read> qkv: array<vec4f>;           // [T, (H+2·KV)·HD], for v
@group(0) @binding(3) var<storage, read> segments: array<vec2u>;      // [T] begin, end of the token's sequence
@group(0) @binding(4) var<storage, read_write> o: array<vec4f>;       // [T, H·HD]
@group(0) @binding(5) var<storage, read_write> lse: array<f32>;       // [T, H]

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let first = id.x * QUERIES;
  let head = id.y;
  if (first >= rows.x) { return; }
  let group = head / (H / KV);
  #for i in QUERIES
  let t$i = min(first + $iu, rows.x - 1);
  let begin$i = segments[t$i].x;
  var top$i = -3.4e38f;
  var total$i = 0f;
  #for c in HD4
  let q$i_$c = qk[(t$i * (H + KV) + head) * HD4 + $cu] * SCALE;
  var o$i_$c = vec4f();
  #end
  #end
  let last = min(first + QUERIES, rows.x) - 1;
  for (var j = begin0; j <= last; j++) {
    let k = (j * (H + KV) + H + group) * HD4;
    let v = (j * (H + 2 * KV) + H + KV + group) * HD4;
    #for c in HD4
    let k$c = qk[k + $cu];
    let v$c = qkv[v + $cu];
    #end
    #for i in QUERIES
    if (j >= begin$i && j <= t$i) {
      var products = vec4f();
      #for c in HD4
      products = fma(q$i_$c, k$c, products);
      #end
      let s = products.x + products.y + products.z + products.w;
      if (s > top$i) {
        let keep = exp(top$i - s);
        total$i *= keep;
        #for c in HD4
        o$i_$c *= keep;
        #end
        top$i = s;
      }
      let p = exp(s - top$i);
      total$i += p;
      #for c in HD4
      o$i_$c = fma(vec4f(p), v$c, o$i_$c);
      #end
    }
    #end
  }
  #for i in QUERIES
  if (first + $iu < rows.x) {
    let at = t$i * H + head;
    #for c in HD4
    o[at * HD4 + $cu] = o$i_$c / total$i;
    #end
    lse[at] = top$i + log(total$i);
  }
  #end
}
