/** A promise that may be rejected from outside, and that nobody has to listen to. */
export function deferred(): { readonly promise: Promise<never>; reject(error: unknown): void } {
  let reject: (error: unknown) => void = () => undefined
  const promise = new Promise<never>((_, no) => {
    reject = no
  })
  promise.catch(() => undefined)
  return { promise, reject: (error) => reject(error) }
}
