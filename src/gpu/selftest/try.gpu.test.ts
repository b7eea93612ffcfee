import { it } from 'vitest';
import { Random } from '../../random';
import { Gpu } from '../device';
import { Bench } from './bench';
import { Program } from '../program';
import { linear, tileByName, tileNames } from '../kernels/matmul';
it('tries', async () => {
  const gpu = await Gpu.open({ strict: true });
  let line = '';
  for (const tile of tileNames) for (const extra of ['', 'residual', 'residual']) {
    const bench = new Bench(gpu, new Random(1));
    let s = performance.now();
    const lap = (n: string) => { line += `${n} ${Math.round(performance.now() - s)} `; s = performance.now(); };
    const T = 130, N = 60, K = 50;
    const [x, W, r] = [T * K, N * K, T * N].map((n) => bench.normals(n));
    lap('normals');
    const y = bench.blank(T, N);
    const p = await Program.record(gpu, [linear('l', { outputs: N, inputs: K }, bench.rows, bench.activations(x, K), bench.weights(W), y, extra ? { residual: bench.activations(r, N) } : {}, tileByName(tile))]);
    lap('record');
    await bench.replay(p, T);
    lap('first');
    await bench.replay(p, T);
    lap('second');
    await bench.floats(y); lap('read');
    bench.destroy();
    line += `${tile} ${extra}\n`;
  }
  console.log(line);
}, 200000);
