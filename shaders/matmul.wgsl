// Matrix product C = op(A)·op(B), row-major f32, in the three orientations that a linear layer y = x Wᵀ needs:
//   NT  forward         C[M,N] = A[M,K] · B[N,K]ᵀ  (+ R[M,N], or a bias: R[N] with LDR 0)      x, W → y
//   NN  input gradient  C[M,N] = A[M,K] · B[K,N]                                dy, W → dx
//   TN  weight gradient P[z,M,N] = A[T,M]ᵀ · B[T,N] over the z-th CHUNK of tokens    dy, x → dW, summed by reduce.wgsl
// A thread keeps RM × RN results in registers; a lane is a column, a thread's columns are WX apart. Every result is one
// chain of fma over k in order, so all tile sizes give the same bits. M (NT, NN) and T (TN) come with each replay. The
// shape is read from a uniform: a software adapter compiles a large tile for seconds, so that layers share one kernel.
// Rows past M are computed but not stored; TAIL: K may be no multiple of KU; EDGE: N may be none of a workgroup's columns.
// A, B (TN) and C may be columns of wider matrices: LDA, LDB, LDC are the widths of those, A0, B0, C0 the first columns.
// LOOPED stores row by row in a loop, of many results the shorter program; STORES is how often that is written out: once.
// SCALED multiplies the result; ACCUMULATE adds it to what C holds.
// PACKED: the weight W is in fewer bits (packed_weights.wgsl), LDB words a row, and each product of it and A still one of f32.
// It is read four values at a time, along k in NT; in NN, GROUPED, a thread's columns are groups of four neighbours.
#if BROADCAST
// A lane loads one of four steps of k and spreads it to the other lanes: a quarter of the loads of A.
enable subgroups;
#end
struct Shape { M: u32, N: u32, K: u32, LDA: u32, A0: u32, LDB: u32, B0: u32, LDC: u32, C0: u32, LDR: u32, CHUNK: u32 }
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: M, or T in TN
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> A: array<f32>;
#if PACKED
@group(0) @binding(3) var<storage, read> W: array<u32>;
#else
@group(0) @binding(3) var<storage, read> B: array<f32>;
#end
@group(0) @binding(4) var<storage, read_write> C: array<f32>;
#if ADDED
@group(0) @binding(5) var<storage, read> R: array<f32>;
#end

@compute @workgroup_size(WX, WY)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let LDA = shape.LDA;
  let LDC = shape.LDC;
  #if PACKED
  let LDB = shape.LDB;
  #else
  #if NT
  let K = shape.K;
  #else
  let LDB = shape.LDB;
  #end
  #end
  #if GROUPED
  let col = group.x * (WX * RN) + local.x * 4;
  #for j in RN
  const column$j = $j/4 * WX * 4 + $j%4;
  #end
  #else
  let col = group.x * (WX * RN) + local.x;
  #for j in RN
  const column$j = $ju * WX;
  #end
  #end
  let row = group.y * (WY * RM) + local.y * RM;
  #if TN
  let begin = group.z * shape.CHUNK;
  let end = min(begin + shape.CHUNK, rows.x);
  let limit = shape.M;
  let c = (group.z * shape.M + row) * LDC + shape.C0 + col;
  var a = begin * LDA + shape.A0 + row;
  #else
  let begin = 0u;
  let end = shape.K;
  let limit = rows.x;
  let c = row * LDC + shape.C0 + col;
  var a = row * LDA + shape.A0;
  #end
  #if PACKED
  #if NT
  let b = col * LDB;
  #else
  var b = begin * LDB;
  #end
  #else
  #if NT
  var b = col * K;
  #else
  var b = begin * LDB + shape.B0 + col;
  #end
  #end
  #for i in RM
  #for j in RN
  var c$i_$j/4_$j%4 = 0f;
  #end
  #end
  #if BROADCAST
  let lane = local.x % 4u;
  #end
  var k = begin;
  for (; k + KU <= end; k += KU) {
    #if BROADCAST
    #for i in RM
    #if TN
    let lane$i = A[a + lane * LDA + $iu];
    #else
    let lane$i = A[a + $iu * LDA + lane];
    #end
    #for u in 4
    let a$i_$u = subgroupBroadcast(lane$i, $uu);
    #end
    #end
    #else
    #for i in RM
    #for u in KU
    #if TN
    let a$i_$u = A[a + $uu * LDA + $iu];
    #else
    let a$i_$u = A[a + $iu * LDA + $uu];
    #end
    #end
    #end
    #end
    #if GROUPED
    #for u in KU
    #for g in GROUPS
    let w$u_$g = weights(b + $uu * LDB, col + $gu * WX * 4);
    #end
    #end
    #end
    #for j in RN
    {
      #if PACKED
      #if NT
      let w = weights(b + $ju * WX * LDB, k);
      #end
      #end
      #for u in KU
      #if PACKED
      #if NT
      let b$u = w[$u];
      #else
      let b$u = w$u_$j/4[$j%4];
      #end
      #else
      #if NT
      let b$u = B[b + $ju * WX * K + $uu];
      #else
      let b$u = B[b + $uu * LDB + $ju * WX];
      #end
      #end
      #end
      #for i in RM
      #if UNROLLED
      c$i_$j/4_$j%4 = fma(a$i_3, b3, fma(a$i_2, b2, fma(a$i_1, b1, fma(a$i_0, b0, c$i_$j/4_$j%4))));
      #else
      c$i_$j/4_$j%4 = fma(a$i_0, b0, c$i_$j/4_$j%4);
      #end
      #end
    }
    #end
    #if TN
    a += KU * LDA;
    #else
    a += KU;
    #end
    #if NT
    #if !PACKED
    b += KU;
    #end
    #else
    b += KU * LDB;
    #end
  }
  #if TAIL
  for (; k < end; k++) {
    #for i in RM
    #if TN
    let a$i_0 = A[a + $iu];
    #else
    let a$i_0 = A[a + $iu * LDA];
    #end
    #end
    #for j in RN
    {
      #if PACKED
      #if NT
      let b0 = weights(b + $ju * WX * LDB, k / 4 * 4)[k % 4];
      #else
      let b0 = weights(b, col + $j/4 * WX * 4)[$j%4];
      #end
      #else
      #if NT
      let b0 = B[b + $ju * WX * K];
      #else
      let b0 = B[b + $ju * WX];
      #end
      #end
      #for i in RM
      c$i_$j/4_$j%4 = fma(a$i_0, b0, c$i_$j/4_$j%4);
      #end
    }
    #end
    #if TN
    a += LDA;
    #else
    a += 1u;
    #end
    #if NT
    #if !PACKED
    b += 1u;
    #end
    #else
    b += LDB;
    #end
  }
  #end
  #if EDGE
  // A column that there is not is stored as the thread's first one once more: branches would take longer, and to compile too.
  if (col >= shape.N) {
    return;
  }
  #for j in RN
  let is$j = col + column$j < shape.N;
  let at$j = select(0u, column$j, is$j);
  #end
  #else
  #for j in RN
  const at$j = column$j;
  #end
  #end
  #if LOOPED
  var sums: array<vec4f, RM * GROUPS>;
  #for i in RM
  #for g in GROUPS
  sums[$iu * GROUPS + $gu] = vec4f(c$i_$g_0, c$i_$g_1, c$i_$g_2, c$i_$g_3);
  #end
  #end
  #end
  #for i in STORES
  #if LOOPED
  for (var i = 0u; i < RM && row + i < limit; i++) {
    #for g in GROUPS
    let s$g = sums[i * GROUPS + $gu];
    #end
  #else
  if (row + $iu < limit) {
    const i = $iu;
    #for g in GROUPS
    let s$g = vec4f(c$i_$g_0, c$i_$g_1, c$i_$g_2, c$i_$g_3);
    #end
  #end
    let to = c + i * LDC;
    #if ADDED
    let added = (row + i) * shape.LDR + shape.C0 + col;
    #end
    #for j in RN
    #if EDGE
    var y$j = select(s0[0], s$j/4[$j%4], is$j);
    #else
    var y$j = s$j/4[$j%4];
    #end
    #if SCALED
    y$j *= SCALE;
    #end
    #if ADDED
    y$j += R[added + at$j];
    #end
    #if ACCUMULATE
    y$j += C[to + at$j];
    #end
    #end
    #for j in RN
    C[to + at$j] = y$j;
    #end
  }
  #end
}
