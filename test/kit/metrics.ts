/** What a process says of itself at `/metrics`: samples as they stand there, `name{label="value"}`, to their values. */
export async function metricsAt(url: string): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const samples = text.matchAll(/^([a-z_]+(?:\{.*\})?) (\S+)$/gm)
  return new Map([...samples].map(([, sample = '', value]) => [sample, Number(value)]))
}

/** The sum of all samples of a name, whatever their labels. */
export const sumOf = (samples: ReadonlyMap<string, number>, name: string): number =>
  [...samples].reduce((sum, [sample, value]) => (sample.split('{')[0] === name ? sum + value : sum), 0)
