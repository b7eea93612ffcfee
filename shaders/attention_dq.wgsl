// Query gradient of attention.wgsl (Dao 2023, without atomics: one owner per query): with p = exp(s − lse), D = do·o,
//   dq[t] = Σ_j p_j (do·v_j − D) k_j / √HD.   D is kept for attention_dkv.wgsl.
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
  let t = id.x / H;
  let head = id.x % H;
  if (t >= rows.x) { return; }
  let group = head / (H / KV);
  let q = (t * (H + KV) + head) * HD4;
  var D = 0f;
  #for c in HD4
  let q$c = qk[q + $cu] * SCALE;
  let g$c = grad[id.x * HD4 + $cu];
  D += dot(g$c, o[id.x * HD4 + $cu]);
  var dq$c = vec4f();
  #end
  let l = lse[id.x];
  for (var j = segments[t].x; j <= t; j++) {
    let k = (j * (H + KV) + H + group) * HD4;
    let v = (j * (H + 2 * KV) + H + KV + group) * HD4;
    var s = 0f;
    var dp = 0f;
    #for c in HD4
    let k$c = qk[k + $cu];
    s += dot(q$c, k$c);
    dp += dot(g$c, qkv[v + $cu]);
    #end
    let ds = exp(s - l) * (dp - D);
    #for c in HD4
    dq$c += ds * k$c;
    #end
  }
  #for c in HD4
  dqk[q + $cu] = dq$c * SCALE;
  #end
  delta[id.x] = D;
}
