import { expect, it } from 'vitest';
import { RunControl, StopRequested } from './control';

/** A control, what it told of resting, and whether `rest` has returned. */
function watched() {
  const control = new RunControl();
  const told: boolean[] = [];
  control.onRest = (resting) => told.push(resting);
  return { control, told };
}

it('lets a run pass that nobody pauses', async () => {
  const { control, told } = watched();
  control.check();
  await control.rest();
  control.unpause();
  await control.rest();
  expect(told).toEqual([]);
});

it('rests from pause to unpause, and tells of both', async () => {
  const { control, told } = watched();
  control.pause();
  control.pause();
  let passed = false;
  const resting = control.rest().then(() => (passed = true));
  await Promise.resolve();
  expect([passed, told]).toEqual([false, [true]]);
  control.unpause();
  await resting;
  expect(told).toEqual([true, false]);
  await control.rest();
  expect(told).toEqual([true, false]);
});

it('keeps resting when it is paused again before it could go on', async () => {
  const { control, told } = watched();
  control.pause();
  const resting = control.rest();
  control.unpause();
  control.pause();
  await Promise.resolve();
  await Promise.resolve();
  expect(told).toEqual([true]);
  control.unpause();
  await resting;
  expect(told).toEqual([true, false]);
});

it('a stop ends the run at its next check, and wakes one that rests', async () => {
  const { control } = watched();
  control.pause();
  const resting = control.rest();
  control.stop();
  await expect(resting).rejects.toThrow(StopRequested);
  expect(() => control.check()).toThrow(StopRequested);
  await expect(control.rest()).rejects.toThrow(StopRequested);
});
