import { onPaper } from '../../lab/picture';

/** Pixels for each unit of the picture. */
const SCALE = 2;

/** A picture of `lab/picture` as PNG, on white. Rejects with a message for the person. */
export async function pngOf(svg: string): Promise<Blob> {
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
  const sized = onPaper(svg).replace('<svg ', `<svg width="${width}" height="${height}" `);
  const url = URL.createObjectURL(new Blob([sized], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = new OffscreenCanvas(Number(width) * SCALE, Number(height) * SCALE);
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await canvas.convertToBlob({ type: 'image/png' });
  } catch (error) {
    throw new Error('The browser could not turn the chart into a PNG. Take the SVG instead.', {
      cause: error,
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}
