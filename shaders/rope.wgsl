// Rotary position embedding (Su et al. 2021, Hugging Face's "rotate half"): for c < HD/2,
//   y[c] = n[c]·cos − n[c+HD/2]·sin,   y[c+HD/2] = n[c+HD/2]·cos + n[c]·sin,   angle = position · θ^(−2c/HD)
// over the q and k heads of a packed qkv row; with QK_NORM (Qwen3) n is the head's RMSNorm first, else n = x.
// CACHE (decoding): row r is that of slots[row_slots[r]]; q goes to y, the rotated k and the plain v go to its KV cache.
// FOURS: HD/2 is a multiple of 4, and as many values are read at once.
#if FOURS
alias Value = vec4f;
const WIDTH = HD / 4;
#else
alias Value = f32;
const WIDTH = HD;
#end
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: T
@group(0) @binding(1) var<storage, read> qkv: array<Value>;       // [T, (H+2·KV)·HD]
@group(0) @binding(2) var<storage, read> angles: array<Value>;    // [positions, HD]: HD/2 cosines, HD/2 sines
@group(0) @binding(3) var<storage, read_write> y: array<Value>;   // [T, (H+KV)·HD]; CACHE: [T, H·HD]
#if CACHE
struct Slot { token: u32, position: u32, cache: u32, limit: u32, stream: u32, done: u32, pad0: u32, pad1: u32 }
@group(0) @binding(4) var<storage, read> row_slots: array<u32>;   // [T]
@group(0) @binding(5) var<storage, read> slots: array<Slot>;
@group(0) @binding(6) var<storage, read_write> cache: array<Value>; // [slots, MAX_LENGTH, 2·KV·HD]: k then v
#else
@group(0) @binding(4) var<storage, read> positions: array<u32>;   // [T]
#end
#if QK_NORM
#if CACHE
@group(0) @binding(7) var<storage, read> norms: array<Value>;     // [2, HD]: q's weights, k's weights
#else
@group(0) @binding(5) var<storage, read> norms: array<Value>;     // [2, HD]
@group(0) @binding(6) var<storage, read_write> rstd: array<f32>;  // [T, H+KV], for the backward pass
#end
#end

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let t = id.x / HEADS;     // HEADS: H+KV, in decoding H+2·KV (v is copied)
  let head = id.x % HEADS;
  if (t >= rows.x) { return; }
  let x = (t * (H + 2 * KV) + head) * WIDTH;
  #if CACHE
  let slot = slots[row_slots[t]];
  let position = slot.position;
  let entry = (slot.cache * MAX_LENGTH + position) * (2 * KV * WIDTH);
  if (head >= H + KV) {
    let v = entry + (head - H) * WIDTH;
    for (var c = 0u; c < WIDTH; c++) { cache[v + c] = qkv[x + c]; }
    return;
  }
  #else
  let position = positions[t];
  let out = (t * (H + KV) + head) * WIDTH;
  #end
  var r = 1f;
  #if QK_NORM
  var sum = 0f;
  for (var c = 0u; c < WIDTH; c++) {
    let v = qkv[x + c];
    #if FOURS
    sum = fma(v.w, v.w, fma(v.z, v.z, fma(v.y, v.y, fma(v.x, v.x, sum))));
    #else
    sum = fma(v, v, sum);
    #end
  }
  r = 1f / sqrt(sum / f32(HD) + EPS);
  let norm = select(0u, WIDTH, head >= H);
  #if !CACHE
  rstd[t * (H + KV) + head] = r;
  #end
  #end
  for (var c = 0u; c < WIDTH / 2; c++) {
    let cosine = angles[position * WIDTH + c];
    let sine = angles[position * WIDTH + WIDTH / 2 + c];
    var a = qkv[x + c];
    var b = qkv[x + c + WIDTH / 2];
    #if QK_NORM
    a = a * r * norms[norm + c];
    b = b * r * norms[norm + c + WIDTH / 2];
    #end
    let ya = a * cosine - b * sine;
    let yb = b * cosine + a * sine;
    #if CACHE
    if (head < H) {
      y[(t * H + head) * WIDTH + c] = ya;
      y[(t * H + head) * WIDTH + c + WIDTH / 2] = yb;
    } else {
      cache[entry + (head - H) * WIDTH + c] = ya;
      cache[entry + (head - H) * WIDTH + c + WIDTH / 2] = yb;
    }
    #else
    y[out + c] = ya;
    y[out + c + WIDTH / 2] = yb;
    #end
  }
}
