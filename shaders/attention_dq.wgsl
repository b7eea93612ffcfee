// Query gradient of attention.wgsl (Dao 2023, without atomics: one owner per query): with p = exp(s − lse), D = do·o,
//   dq[t] = Σ_j p_j (do·v_j − D) k_j / √HD.   D is kept for attention_dkv.wgsl.   Threads as in attention.wgsl.
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: T
@group(0) @binding(1) var<storage, read> qk: array<vec4f>;          // [T, (H+KV)·HD], rotated
@group(0) @binding(2) var<storage, read> qkv: array<vec4f>;         // [T, (H+2·KV)·HD], for v
@group(0) @binding(3) var<storage, read> segments: array<vec2u>;    // [T] begin, end
@group(0) @binding(4) var<storage, read> o: array<vec4f>;           // [T, H·HD]
@group(0) @binding(5) var<storage, read> grad: array<vec4f>;        // do [T, H·HD]
@group(0) @binding(6) var<storage, read> lse: array<f32>;           // [T, H]
@group(0) @binding(7) var<storage, read_write> dqk: array<vec4f>;   // [T, (H+KV)·HD]
@group(0) @binding(8) var<storage, read_write> delta: array<f32>;   // [T, H]

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let first = id.x * QUERIES;
  let head = id.y;
  if (first >= rows.x) { return; }
  let group = head / (H / KV);
  #for i in QUERIES
  let t$i = min(first + $iu, rows.x - 1);
  let begin$i = segments[t$i].x;
  let at$i = t$i * H + head;
  let lse$i = lse[at$i];
  var D$i = 0f;
  #for c in HD4
  let q$i_$c = qk[(t$i * (H + KV) + head) * HD4 + $cu] * SCALE;
  let g$i_$c = grad[at$i * HD4 + $cu];
  D$i += dot(g$i_$c, o[at$i * HD4 + $cu]);
  var dq$i_$c = vec4f();
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
      var grads = vec4f();
      #for c in HD4
      products = fma(q$i_$c, k$c, products);
      grads = fma(g$i_$c, v$c, grads);
      #end
      let s = products.x + products.y + products.z + products.w;
      let dp = grads.x + grads.y + grads.z + grads.w;
      let ds = vec4f(exp(s - lse$i) * (dp - D$i));
      #for c in HD4
      dq$i_$c = fma(ds, k$c, dq$i_$c);
      #end
    }
    #end
  }
  #for i in QUERIES
  if (first + $iu < rows.x) {
    #for c in HD4
    dqk[(t$i * (H + KV) + head) * HD4 + $cu] = dq$i_$c * SCALE;
    #end
    delta[at$i] = D$i;
  }
  #end
}
