// Causal grouped-query attention over packed sequences, one pass with a running softmax (Milakov & Gimelshein 2018):
//   o[t,h] = Σ_{j = begin..t} softmax_j(q[t,h]·k[j,g] / √HD) v[j,g],   lse[t,h] = log Σ exp;   g = h / (H/KV)
// One thread per head and QUERIES consecutive tokens, which share each key it loads; neighbouring threads on neighbouring
// tokens read the same key. A key that a query must not see gets a probability of 0 instead of a branch: branches around
// registers are dear where a CPU emulates the GPU. Registers hold HD/4 vectors as PARTS × LANES.
#if BROADCAST
// The four threads of a subgroup load a key together, a vector each, and go through the same keys.
enable subgroups;
diagnostic(off, subgroup_uniformity);
#end
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: T
@group(0) @binding(1) var<storage, read> qk: array<vec4f>;            // [T, (H+KV)·HD], rotated
@group(0) @binding(2) var<storage, read> qkv: array<vec4f>;           // [T, (H+2·KV)·HD], for v
@group(0) @binding(3) var<storage, read> segments: array<vec2u>;      // [T] begin, end of the token's sequence
@group(0) @binding(4) var<storage, read_write> o: array<vec4f>;       // [T, H·HD]
@group(0) @binding(5) var<storage, read_write> lse: array<f32>;       // [T, H]

const UNSEEN = -3.4e38f;

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let first = id.x * QUERIES;
  let head = id.y;
  let group = head / (H / KV);
  #for i in QUERIES
  let t$i = min(first + $iu, rows.x - 1);
  let begin$i = segments[t$i].x;
  // Keys before the first one seen leave traces here, which that one's `keep` of 0 wipes out.
  var top$i = UNSEEN;
  var total$i = 0f;
  #for m in PARTS
  #for l in LANES
  let q$i_$m_$l = qk[(t$i * (H + KV) + head) * HD4 + $m * LANES + $l] * SCALE;
  var o$i_$m_$l = vec4f();
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
    #for m in PARTS
    #for l in LANES
    products$i = fma(q$i_$m_$l, k$m_$l, products$i);
    #end
    #end
    let score$i = products$i.x + products$i.y + products$i.z + products$i.w;
    let s$i = select(UNSEEN, score$i, j >= begin$i && j <= t$i);
    let rises$i = s$i > top$i;
    let less$i = exp(-abs(s$i - top$i));
    let keep$i = select(1f, less$i, rises$i);
    let p$i = select(less$i, 1f, rises$i);
    top$i = max(top$i, s$i);
    total$i = total$i * keep$i + p$i;
    #for m in PARTS
    #for l in LANES
    o$i_$m_$l = fma(vec4f(p$i), v$m_$l, o$i_$m_$l * keep$i);
    #end
    #end
    #end
  }
  #for i in QUERIES
  if (first + $i < rows.x) {
    let at = t$i * H + head;
    #for m in PARTS
    #for l in LANES
    o[at * HD4 + $m * LANES + $l] = o$i_$m_$l / total$i;
    #end
    #end
    lse[at] = top$i + log(total$i);
  }
  #end
}
