// sample.wgsl for large vocabularies: the same choice by one workgroup per row, the lanes in strides over the logits; only
// the cumulative sum is taken in index order, a run of ids to a lane.
const LANES = 256u;
const RUN = (V + LANES - 1) / LANES;
var<workgroup> floats: array<f32, LANES>;
var<workgroup> words: array<u32, LANES>;
var<workgroup> live: u32;
var<workgroup> owner: u32;
var<workgroup> owner_left: f32;
var<workgroup> chosen: u32;

fn sum(lane: u32, x: f32) -> f32 {
  floats[lane] = x;
  workgroupBarrier();
  for (var half = LANES / 2; half > 0; half /= 2) {
    if (lane < half) { floats[lane] += floats[lane + half]; }
    workgroupBarrier();
  }
  return workgroupUniformLoad(&floats[0]);
}

fn count(lane: u32, x: u32) -> u32 {
  words[lane] = x;
  workgroupBarrier();
  for (var half = LANES / 2; half > 0; half /= 2) {
    if (lane < half) { words[lane] += words[lane + half]; }
    workgroupBarrier();
  }
  return workgroupUniformLoad(&words[0]);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.x;
  let slot = row_slots[row];
  let base = row * V;
  let next = slots[slot].position + 1u;
  let at = slot * MAX_LENGTH + next;
  if (lane == 0) { live = u32(row < rows.x && slots[slot].done == 0u); }
  if (workgroupUniformLoad(&live) == 0u) { return; }

  let greedy = sampling.temperature == 0f;
  let sharpness = select(1f / sampling.temperature, 1f, greedy);
  var top = -3.4e38f;
  var best = 0xffffffffu;
  for (var v = lane; v < V; v += LANES) {
    let z = (logits[base + v] + bias[v]) * sharpness;
    if (z > top) { top = z; best = v; }
  }
  floats[lane] = top;
  words[lane] = best;
  workgroupBarrier();
  for (var half = LANES / 2; half > 0; half /= 2) {
    if (lane < half) {
      let other = lane + half;
      if (floats[other] > floats[lane] || (floats[other] == floats[lane] && words[other] < words[lane])) {
        floats[lane] = floats[other];
        words[lane] = words[other];
      }
    }
    workgroupBarrier();
  }
  top = workgroupUniformLoad(&floats[0]);
  best = workgroupUniformLoad(&words[0]);

  var mass = 0f;
  for (var v = lane; v < V; v += LANES) { mass += exp((logits[base + v] + bias[v]) * sharpness - top); }
  let total = sum(lane, mass);

  if (lane == 0) { chosen = best; }
  if (!greedy) {
    var threshold = 0u;
    if (sampling.top_k > 0u && sampling.top_k < V) {
      for (var bit = 31i; bit >= 0; bit--) {
        let trial = threshold | (1u << u32(bit));
        var above = 0u;
        for (var v = lane; v < V; v += LANES) { above += u32(image((logits[base + v] + bias[v]) * sharpness) >= trial); }
        if (count(lane, above) >= sampling.top_k) { threshold = trial; }
      }
    }
    if (sampling.top_p < 1f) {
      var kept = 0f;
      for (var v = lane; v < V; v += LANES) {
        let z = (logits[base + v] + bias[v]) * sharpness;
        if (image(z) >= threshold) { kept += exp(z - top); }
      }
      let wanted = sampling.top_p * sum(lane, kept);
      var found = 0u;
      for (var bit = 31i; bit >= 0; bit--) {
        let trial = found | (1u << u32(bit));
        mass = 0f;
        for (var v = lane; v < V; v += LANES) {
          let z = (logits[base + v] + bias[v]) * sharpness;
          if (image(z) >= max(trial, threshold)) { mass += exp(z - top); }
        }
        if (sum(lane, mass) >= wanted) { found = trial; }
      }
      threshold = max(found, threshold);
    }

    let end = min((lane + 1u) * RUN, V);
    mass = 0f;
    for (var v = lane * RUN; v < end; v++) {
      let z = (logits[base + v] + bias[v]) * sharpness;
      if (image(z) >= threshold) { mass += exp(z - top); }
    }
    floats[lane] = mass;
    workgroupBarrier();
    if (lane == 0) {
      var kept = 0f;
      for (var i = 0u; i < LANES; i++) { kept += floats[i]; }
      let bits = threefry(sampling.seed0, sampling.seed1, slots[slot].stream, next);
      var left = (f32(bits >> 8u) + 0.5f) * (1f / 16777216f) * kept;
      owner = LANES;
      for (var i = 0u; i < LANES && owner == LANES; i++) {
        if (left < floats[i]) {
          owner = i;
          owner_left = left;
        }
        left -= floats[i];
      }
    }
    workgroupBarrier();
    if (lane == owner) {
      var left = owner_left;
      for (var v = lane * RUN; v < end; v++) {
        let z = (logits[base + v] + bias[v]) * sharpness;
        if (image(z) < threshold) { continue; }
        chosen = v;
        left -= exp(z - top);
        if (left < 0f) { break; }
      }
    }
  }
  workgroupBarrier();

  if (lane > 0) { return; }
  tokens[at] = chosen;
  logps[at] = (logits[base + chosen] + bias[chosen]) * sharpness - top - log(total);
  slots[slot].token = chosen;
  slots[slot].position = next;
  if (stops[chosen] != 0u || next + 1u >= slots[slot].limit) { slots[slot].done = 1u; }
}
