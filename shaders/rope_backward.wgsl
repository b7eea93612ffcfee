// Gradient of rope.wgsl: rotates back, then (QK_NORM) goes through the head's RMSNorm. Writes the q and k part of dqkv;
// the v part is attention's. With QK_NORM it also writes dn∘x·rstd per token, which qk_norm_sum.wgsl adds up to dw.
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: T
@group(0) @binding(1) var<storage, read> dy: array<f32>;          // [T, (H+KV)·HD]
@group(0) @binding(2) var<storage, read> angles: array<f32>;      // [positions, HD]
@group(0) @binding(3) var<storage, read> positions: array<u32>;   // [T]
@group(0) @binding(4) var<storage, read_write> dqkv: array<f32>;  // [T, (H+2·KV)·HD]
#if QK_NORM
@group(0) @binding(5) var<storage, read> qkv: array<f32>;         // [T, (H+2·KV)·HD]
@group(0) @binding(6) var<storage, read> norms: array<f32>;       // [2, HD]
@group(0) @binding(7) var<storage, read> rstd: array<f32>;        // [T, H+KV]
@group(0) @binding(8) var<storage, read_write> dw: array<f32>;    // [T, (H+KV)·HD]
#end

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let t = id.x / (H + KV);
  let head = id.x % (H + KV);
  if (t >= rows.x) { return; }
  let x = (t * (H + 2 * KV) + head) * HD;
  let g = id.x * HD;
  let position = positions[t];
  #if QK_NORM
  let norm = select(0u, HD, head >= H);
  let r = rstd[id.x];
  var dot = 0f;
  #end
  for (var c = 0u; c < HD / 2; c++) {
    let cosine = angles[position * HD + c];
    let sine = angles[position * HD + HD / 2 + c];
    let a = dy[g + c] * cosine + dy[g + c + HD / 2] * sine;
    let b = dy[g + c + HD / 2] * cosine - dy[g + c] * sine;
    #if QK_NORM
    let xa = qkv[x + c] * r;
    let xb = qkv[x + c + HD / 2] * r;
    dw[g + c] = a * xa;
    dw[g + c + HD / 2] = b * xb;
    let wa = a * norms[norm + c];
    let wb = b * norms[norm + c + HD / 2];
    dot = fma(wa, xa, fma(wb, xb, dot));
    dqkv[x + c] = wa;
    dqkv[x + c + HD / 2] = wb;
    #else
    dqkv[x + c] = a;
    dqkv[x + c + HD / 2] = b;
    #end
  }
  #if QK_NORM
  for (var c = 0u; c < HD; c++) { dqkv[x + c] = r * (dqkv[x + c] - qkv[x + c] * r * dot / f32(HD)); }
  #end
}
