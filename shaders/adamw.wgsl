// AdamW (Loshchilov & Hutter 2019) as torch.optim.AdamW, after clip_grad_norm_ (g ← g · min(1, max_norm / (norm + 1e-6))):
//   p ← p(1 − lr·λ);  m ← β₁m + (1−β₁)g;  v ← β₂v + (1−β₂)g²;  p ← p − lr/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε)
struct Settings {
  lr: f32, beta1: f32, beta2: f32, rest1: f32, rest2: f32,  // rest = 1 − β, rounded from float64
  epsilon: f32, decay: f32, correction1: f32, correction2: f32, max_norm: f32, pad0: f32, pad1: f32,
}
@group(0) @binding(0) var<uniform> s: Settings;  // correction1 = 1 − β₁ᵗ, correction2 = √(1 − β₂ᵗ); max_norm 0: no clipping
@group(0) @binding(1) var<storage, read> g: array<f32>;           // [SIZE]
@group(0) @binding(2) var<storage, read> norm: array<f32>;        // [1]
@group(0) @binding(3) var<storage, read_write> p: array<f32>;     // [SIZE]
@group(0) @binding(4) var<storage, read_write> m: array<f32>;     // [SIZE]
@group(0) @binding(5) var<storage, read_write> v: array<f32>;     // [SIZE]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let scale = select(1f, min(1f, s.max_norm / (norm[0] + 1e-6f)), s.max_norm > 0f);
  for (var i = id.x; i < SIZE; i += groups.x * 64u) {
    let grad = g[i] * scale;
    let mi = fma(s.beta1, m[i], s.rest1 * grad);
    let vi = fma(s.beta2, v[i], s.rest2 * grad * grad);
    m[i] = mi;
    v[i] = vi;
    p[i] = p[i] * (1f - s.lr * s.decay) - s.lr / s.correction1 * mi / (sqrt(vi) / s.correction2 + s.epsilon);
  }
}
