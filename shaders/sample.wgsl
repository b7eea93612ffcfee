// The next token of each live row, one thread per row. With z = (logits + bias) / temperature (temperature 0: the first argmax):
//   top-k keeps z ≥ the k-th largest; top-p then keeps the likeliest tokens whose probability reaches p; ties stay in.
//   Thresholds are found exactly, bit by bit, on the order-preserving integer image of a float.
//   u = Threefry-2x32-20(seed; stream, position) picks from the kept tokens in index order (inverse CDF); what rounding
//   leaves over at u ≈ 1 goes to the likeliest token, never to a banned one.
// log-prob is that of softmax(z) before top-k and top-p: the distribution the trainer sees. A row ends at eos or its limit.
@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= rows.x) { return; }
  let slot = row_slots[id.x];
  if (slots[slot].done != 0u) { return; }
  let base = id.x * V;
  let next = slots[slot].position + 1u;
  let at = slot * MAX_LENGTH + next;

  let greedy = sampling.temperature == 0f;
  let sharpness = select(1f / sampling.temperature, 1f, greedy);
  var top = -3.4e38f;
  var best = 0u;
  for (var v = 0u; v < V; v++) {
    let z = (logits[base + v] + bias[v]) * sharpness;
    if (z > top) { top = z; best = v; }
  }
  var total = 0f;
  for (var v = 0u; v < V; v++) { total += exp((logits[base + v] + bias[v]) * sharpness - top); }

  var chosen = best;
  if (!greedy) {
    var threshold = 0u;
    if (sampling.top_k > 0u && sampling.top_k < V) {
      for (var bit = 31i; bit >= 0; bit--) {
        let trial = threshold | (1u << u32(bit));
        var count = 0u;
        for (var v = 0u; v < V; v++) { count += u32(image((logits[base + v] + bias[v]) * sharpness) >= trial); }
        if (count >= sampling.top_k) { threshold = trial; }
      }
    }
    var kept = total;
    if (threshold > 0u) {
      kept = 0f;
      for (var v = 0u; v < V; v++) {
        let z = (logits[base + v] + bias[v]) * sharpness;
        if (image(z) >= threshold) { kept += exp(z - top); }
      }
    }
    if (sampling.top_p < 1f) {
      let wanted = sampling.top_p * kept;
      var floor_image = threshold;
      var found = 0u;
      for (var bit = 31i; bit >= 0; bit--) {
        let trial = found | (1u << u32(bit));
        var mass = 0f;
        for (var v = 0u; v < V; v++) {
          let z = (logits[base + v] + bias[v]) * sharpness;
          if (image(z) >= max(trial, floor_image)) { mass += exp(z - top); }
        }
        if (mass >= wanted) { found = trial; }
      }
      threshold = max(found, floor_image);
      kept = 0f;
      for (var v = 0u; v < V; v++) {
        let z = (logits[base + v] + bias[v]) * sharpness;
        if (image(z) >= threshold) { kept += exp(z - top); }
      }
    }
    let bits = threefry(sampling.seed0, sampling.seed1, slots[slot].stream, next);
    var left = (f32(bits >> 8u) + 0.5f) * (1f / 16777216f) * kept;
    var picked = false;
    for (var v = 0u; v < V && !picked; v++) {
      let z = (logits[base + v] + bias[v]) * sharpness;
      if (image(z) >= threshold) {
        left -= exp(z - top);
        picked = left < 0f;
        if (picked) { chosen = v; }
      }
    }
  }

  tokens[at] = chosen;
  logps[at] = (logits[base + chosen] + bias[chosen]) * sharpness - top - log(total);
  slots[slot].token = chosen;
  slots[slot].position = next;
  if (stops[chosen] != 0u || next + 1u >= slots[slot].limit) { slots[slot].done = 1u; }
}
