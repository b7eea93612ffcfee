// Query gradient of attention.wgsl (Dao 2023, without atomics: one owner per query): with p = exp(s − lse), D = do·o,
//   dq[t] = Σ_j p_j (do·v_j − D) k_j / √HD.   D is kept for attention_dkv.wgsl.   Threads, lanes and keys as in attention.wgsl.
#if BROADCAST
enable subgroups;
diagnostic(off, subgroup_uniformity);
#end
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
  let group = head / (H / KV);
  #for i in QUERIES
  let t$i = min(first + $iu, rows.x - 1);
  let begin$i = segments[t$i].x;
  let at$i = t$i * H + head;
  let lse$i = lse[at$i];
  var D$i = 0f;
  #for m in PARTS
  #for l in LANES
  let q$i_$m_$l = qk[(t$i * (H + KV) + head) * HD4 + $m * LANES + $l] * SCALE;
  let g$i_$m_$l = grad[at$i * HD4 + $m * LANES + $l];
  D$i += dot(g$i_$m_$l, o[at$i * HD4 + $m * LANES + $l]);
  var dq$i_$m_$l = vec4f();
  #end
  #end
  #end
  #if BROADCAST
  let lane = id.x % LANES;
  let start = subgroupMin(begin0);
  let last = subgroupMax(min(first + QUERIES, rows.x) - 1);
  #else
  let start = begin0;
  let last = min(first + QUERIES, rows.x) - 1;
  #end
  for (var j = start; j <= last; j++) {
    let k = (j * (H + KV) + H + group) * HD4;
    let v = (j * (H + 2 * KV) + H + KV + group) * HD4;
    #for m in PARTS
    #if BROADCAST
    let k_lane$m = qk[k + $m * LANES + lane];
    let v_lane$m = qkv[v + $m * LANES + lane];
    #for l in LANES
    let k$m_$l = subgroupBroadcast(k_lane$m, $l);
    let v$m_$l = subgroupBroadcast(v_lane$m, $l);
    #end
    #else
    let k$m_0 = qk[k + $m];
    let v$m_0 = qkv[v + $m];
    #end
    #end
    #for i in QUERIES
    var products$i = vec4f();
    var grads$i = vec4f();
    #for m in PARTS
    #for l in LANES
    products$i = fma(q$i_$m_$l, k$m_$l, products$i);
    grads$i = fma(g$i_$m_$l, v$m_$l, grads$i);
    #end
    #end
    let s$i = products$i.x + products$i.y + products$i.z + products$i.w;
    let dp$i = grads$i.x + grads$i.y + grads$i.z + grads$i.w;
    let ds$i = vec4f(select(0f, exp(s$i - lse$i) * (dp$i - D$i), j >= begin$i && j <= t$i));
    #for m in PARTS
    #for l in LANES
    dq$i_$m_$l = fma(ds$i, k$m_$l, dq$i_$m_$l);
    #end
    #end
    #end
  }
  #for i in QUERIES
  if (first + $i < rows.x) {
    #for m in PARTS
    #for l in LANES
    dqk[(t$i * (H + KV) + head) * HD4 + $m * LANES + $l] = dq$i_$m_$l * SCALE;
    #end
    #end
    delta[at$i] = D$i;
  }
  #end
}
