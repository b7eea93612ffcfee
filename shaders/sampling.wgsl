// What both samplers share: state and settings, Threefry-2x32-20, and floats as integers in order. Comes before each.
struct Slot { token: u32, position: u32, cache: u32, limit: u32, stream: u32, done: u32, pad0: u32, pad1: u32 }
struct Sampling { seed0: u32, seed1: u32, top_k: u32, top_p: f32, temperature: f32, pad0: u32, pad1: u32, pad2: u32 }
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: live rows
@group(0) @binding(1) var<uniform> sampling: Sampling;
@group(0) @binding(2) var<storage, read> row_slots: array<u32>;         // [rows]
@group(0) @binding(3) var<storage, read_write> slots: array<Slot>;
@group(0) @binding(4) var<storage, read> logits: array<f32>;            // [rows, V]
@group(0) @binding(5) var<storage, read> bias: array<f32>;              // [V] 0, or very negative for a banned token
@group(0) @binding(6) var<storage, read_write> tokens: array<u32>;      // [slots, MAX_LENGTH]
@group(0) @binding(7) var<storage, read_write> logps: array<f32>;       // [slots, MAX_LENGTH]
@group(0) @binding(8) var<storage, read> stops: array<u32>;             // [V] 1 where a token ends the response

fn rotl(x: u32, r: u32) -> u32 { return (x << r) | (x >> (32u - r)); }

fn threefry(k0: u32, k1: u32, c0: u32, c1: u32) -> u32 {
  let keys = array<u32, 3>(k0, k1, 0x1bd11bdau ^ k0 ^ k1);
  let turns = array<u32, 8>(13u, 15u, 26u, 6u, 17u, 29u, 16u, 24u);
  var x0 = c0 + k0;
  var x1 = c1 + k1;
  for (var round = 0u; round < 20u; round++) {
    x0 += x1;
    x1 = rotl(x1, turns[round % 8u]) ^ x0;
    if (round % 4u == 3u) {
      let n = (round + 1u) / 4u;
      x0 += keys[n % 3u];
      x1 += keys[(n + 1u) % 3u] + n;
    }
  }
  return x0;
}

// Larger floats have larger images.
fn image(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  return select(bits | 0x80000000u, ~bits, bits >= 0x80000000u);
}
