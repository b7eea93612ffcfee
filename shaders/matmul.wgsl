// Matrix product C = op(A)·op(B), row-major f32, in the three orientations that a linear layer y = x Wᵀ needs:
//   NT  forward         C[M,N] = A[M,K] · B[N,K]ᵀ  (+ bias[N])  (+ R[M,N])      x, W → y
//   NN  input gradient  C[M,N] = A[M,K] · B[K,N]                                dy, W → dx
//   TN  weight gradient P[z,M,N] = A[T,M]ᵀ · B[T,N] over the z-th CHUNK of tokens    dy, x → dW, summed by reduce.wgsl
// A thread keeps RM × RN results in registers; a lane is a column, a thread's columns are WX apart. Every result is one
// chain of fma over k in order, so all tile sizes give the same bits. M (NT, NN) and T (TN) come with each replay; N, K
// (and M in TN) are constants. Rows past M are computed but not stored.
// A, B (TN) and C may be columns of wider matrices: LDA, LDB, LDC are the widths of those, A0, B0, C0 the first columns.
// SCALED multiplies the result; ACCUMULATE adds it to what C holds.
#if BROADCAST
// A lane loads one of four steps of k and spreads it to the other lanes: a quarter of the loads of A.
enable subgroups;
#end
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: M, or T in TN
@group(0) @binding(1) var<storage, read> A: array<f32>;
@group(0) @binding(2) var<storage, read> B: array<f32>;
@group(0) @binding(3) var<storage, read_write> C: array<f32>;
#if BIAS
@group(0) @binding(4) var<storage, read> bias: array<f32>;
#end
#if RESIDUAL
@group(0) @binding(4) var<storage, read> R: array<f32>;
#end

@compute @workgroup_size(WX, WY)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let col = group.x * (WX * RN) + local.x;
  let row = group.y * (WY * RM) + local.y * RM;
  #if TN
  let begin = group.z * CHUNK;
  let end = min(begin + CHUNK, rows.x);
  let limit = M;
  let c = (group.z * M + row) * LDC + C0 + col;
  var a = begin * LDA + A0 + row;
  #else
  let begin = 0u;
  let end = K;
  let limit = rows.x;
  let c = row * LDC + C0 + col;
  var a = row * LDA + A0;
  #end
  #if NT
  var b = col * K;
  #else
  var b = begin * LDB + B0 + col;
  #end
  #for i in RM
  #for j in RN
  var c$i_$j = 0f;
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
    #for j in RN
    {
      #for u in KU
      #if NT
      let b$u = B[b + $ju * WX * K + $uu];
      #else
      let b$u = B[b + $uu * LDB + $ju * WX];
      #end
      #end
      #for i in RM
      #if UNROLLED
      c$i_$j = fma(a$i_3, b3, fma(a$i_2, b2, fma(a$i_1, b1, fma(a$i_0, b0, c$i_$j))));
      #else
      c$i_$j = fma(a$i_0, b0, c$i_$j);
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
    b += KU;
    #else
    b += KU * LDB;
    #end
  }
  for (; k < end; k++) {
    #for j in RN
    {
      #if NT
      let b0 = B[b + $ju * WX * K];
      #else
      let b0 = B[b + $ju * WX];
      #end
      #for i in RM
      #if TN
      c$i_$j = fma(A[a + $iu], b0, c$i_$j);
      #else
      c$i_$j = fma(A[a + $iu * LDA], b0, c$i_$j);
      #end
      #end
    }
    #end
    #if TN
    a += LDA;
    #else
    a += 1u;
    #end
    #if NT
    b += 1u;
    #else
    b += LDB;
    #end
  }
  #for j in RN
  if (col + $ju * WX < N) {
    #if BIAS
    let bias$j = bias[C0 + col + $ju * WX];
    #end
    #for i in RM
    if (row + $iu < limit) {
      let at = c + $iu * LDC + $ju * WX;
      #if SCALED
      c$i_$j *= SCALE;
      #end
      #if BIAS
      c$i_$j += bias$j;
      #end
      #if RESIDUAL
      c$i_$j += R[at];
      #end
      #if ACCUMULATE
      c$i_$j += C[at];
      #end
      C[at] = c$i_$j;
    }
    #end
  }
  #end
}
