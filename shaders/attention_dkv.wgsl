// Key and value gradients of attention.wgsl: one owner per key, looping over the query heads of its group and the later
// tokens of its sequence:  dv[j] = Σ p do,   dk[j] = Σ p (do·v_j − D) q / √HD.
// One thread per KV head and KEYS consecutive tokens, which share each query it loads. The loop starts where that of the
// neighbouring threads does, so that they read the same query; tokens before a key do not count for it. Lanes and branches
// as in attention.wgsl.
#if BROADCAST
enable subgroups;
diagnostic(off, subgroup_uniformity);
#end
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
  #for i in KEYS
  let j$i = min(first + $iu, rows.x - 1);
  let end$i = segments[j$i].y;
  #for m in PARTS
  #for l in LANES
  let k$i_$m_$l = qk[(j$i * (H + KV) + H + group) * HD4 + $m * LANES + $l] * SCALE;
  let v$i_$m_$l = qkv[(j$i * (H + 2 * KV) + H + KV + group) * HD4 + $m * LANES + $l];
  var dk$i_$m_$l = vec4f();
  var dv$i_$m_$l = vec4f();
  #end
  #end
  #end
  let last = segments[min(first + KEYS, rows.x) - 1].y;
  #if BROADCAST
  let lane = id.x % LANES;
  let start = subgroupMin(j0);
  let end = subgroupMax(last);
  #else
  let start = max(first / (4 * KEYS) * (4 * KEYS), segments[j0].x);
  let end = last;
  #end
  for (var head = group * (H / KV); head < (group + 1) * (H / KV); head++) {
    for (var t = start; t < end; t++) {
      let at = t * H + head;
      let lse_t = lse[at];
      let D = delta[at];
      let q = (t * (H + KV) + head) * HD4;
      #for m in PARTS
      #if BROADCAST
      let q_lane$m = qk[q + $m * LANES + lane];
      let g_lane$m = grad[at * HD4 + $m * LANES + lane];
      #for l in LANES
      let q$m_$l = subgroupBroadcast(q_lane$m, $l);
      let g$m_$l = subgroupBroadcast(g_lane$m, $l);
      #end
      #else
      let q$m_0 = qk[q + $m];
      let g$m_0 = grad[at * HD4 + $m];
      #end
      #end
      #for i in KEYS
      var products$i = vec4f();
      var grads$i = vec4f();
      #for m in PARTS
      #for l in LANES
      products$i = fma(q$m_$l, k$i_$m_$l, products$i);
      grads$i = fma(g$m_$l, v$i_$m_$l, grads$i);
      #end
      #end
      let s$i = products$i.x + products$i.y + products$i.z + products$i.w;
      let dp$i = grads$i.x + grads$i.y + grads$i.z + grads$i.w;
      let p$i = select(0f, exp(s$i - lse_t), t >= j$i && t < end$i);
      let ds$i = p$i * (dp$i - D);
      #for m in PARTS
      #for l in LANES
      dk$i_$m_$l = fma(vec4f(ds$i), q$m_$l, dk$i_$m_$l);
      dv$i_$m_$l = fma(vec4f(p$i), g$m_$l, dv$i_$m_$l);
      #end
      #end
      #end
    }
  }
  #for i in KEYS
  if (first + $i < rows.x) {
    #for m in PARTS
    #for l in LANES
    dqk[(j$i * (H + KV) + H + group) * HD4 + $m * LANES + $l] = dk$i_$m_$l * SCALE;
    dqkv[(j$i * (H + 2 * KV) + H + KV + group) * HD4 + $m * LANES + $l] = dv$i_$m_$l;
    #end
    #end
  }
  #end
}
