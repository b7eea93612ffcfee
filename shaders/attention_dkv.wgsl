// Key and value gradients of attention.wgsl: one owner per key, looping over the later tokens of its sequence and the query
// heads of its group:  dv[j] = Σ p do,   dk[j] = Σ p (do·v_j − D) q / √HD.
// One thread per KV head and KEYS consecutive tokens, which share each query it loads. The loop starts where that of the
// neighbouring threads does, so that they read the same query; tokens before a key do not count for it.
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: T
@group(0) @binding(1) var<storage, read> qk: array<vec4f>;          // [T, (H+KV)·HD], rotated
@group(0) @binding(2) var<storage, read> qkv: array<vec4f>;         // [T, (H+2·KV)·HD], for v
@group(0) @binding(3) var<storage, read> segments: array<vec2u>;    // [T] begin, end
@group(0) @binding(4) var<storage, read> grad: array<vec4f>;        // do [T, H·HD]
@group(0) @binding(5) var<storage, read> lse: array<f32>;           // [T, H]
@group(0) @binding(6) var<storage, read> delta: array<f32>;         // [T, H]
@group(0) @binding(7) var<storage, read_write> dqk: array<vec4f>;   // [T, (H+KV)·HD]: k part
@group(0) @binding(8) var<storage, read_write> dqkv: array<vec4f>;  // [T, (H+2·KV)·HD]: v part

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let first = id.x * KEYS;
  let group = id.y;
  if (first >= rows.x) { return; }
  #for i in KEYS
  let j$i = min(first + $iu, rows.x - 1);
  let end$i = segments[j$i].y;
  #for c in HD4
  let k$i_$c = qk[(j$i * (H + KV) + H + group) * HD4 + $cu] * SCALE;
  let v$i_$c = qkv[(j$i * (H + 2 * KV) + H + KV + group) * HD4 + $cu];
  var dk$i_$c = vec4f();
  var dv$i_$c = vec4f();
  #end
  #end
  let last = segments[min(first + KEYS, rows.x) - 1].y;
  for (var t = max(first / (4 * KEYS) * (4 * KEYS), segments[j0].x); t < last; t++) {
    for (var head = group * (H / KV); head < (group + 1) * (H / KV); head++) {
      let at = t * H + head;
      let lse_t = lse[at];
      let D = delta[at];
      #for c in HD4
      let q$c = qk[(t * (H + KV) + head) * HD4 + $cu];
      let g$c = grad[at * HD4 + $cu];
      #end
      #for i in KEYS
      if (t >= j$i && t < end$i) {
        var products = vec4f();
        var grads = vec4f();
        #for c in HD4
        products = fma(q$c, k$i_$c, products);
        grads = fma(g$c, v$i_$c, grads);
        #end
        let s = products.x + products.y + products.z + products.w;
        let dp = grads.x + grads.y + grads.z + grads.w;
        let p = exp(s - lse_t);
        let ds = p * (dp - D);
        #for c in HD4
        dk$i_$c = fma(vec4f(ds), q$c, dk$i_$c);
        dv$i_$c = fma(vec4f(p), g$c, dv$i_$c);
        #end
      }
      #end
    }
  }
  #for i in KEYS
  if (first + $iu < rows.x) {
    #for c in HD4
    dqk[(j$i * (H + KV) + H + group) * HD4 + $cu] = dk$i_$c * SCALE;
    dqkv[(j$i * (H + 2 * KV) + H + KV + group) * HD4 + $cu] = dv$i_$c;
    #end
  }
  #end
}
