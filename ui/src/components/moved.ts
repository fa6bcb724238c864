/** The place in a list after a step up or down, from one end on to the other; from -1 into it. */
export function moved(active: number, by: number, count: number): number {
  if (count === 0) return -1;
  return active < 0 && by < 0 ? count - 1 : (active + by + count) % count;
}
