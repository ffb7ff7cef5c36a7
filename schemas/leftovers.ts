import { z } from 'zod'

/** The names a schema knows, each with the names known below it; null where nothing below is named. */
export type Shape = ReadonlyMap<string, Shape | null>

/** The shape of an object schema, read once at start. */
export function shapeOf(schema: z.ZodObject): Shape {
  return new Map(Object.entries(schema.shape).map(([name, field]) => [name, shapeBelow(field)]))
}

function shapeBelow(field: unknown): Shape | null {
  if (field instanceof z.ZodOptional) return shapeBelow(field.unwrap())
  if (field instanceof z.ZodArray) return shapeBelow(field.unwrap())
  return field instanceof z.ZodObject ? shapeOf(field) : null
}

/** Every field of `value` that `shape` does not name, at its own place; null when there is none. */
export function leftoversOf(value: object, shape: Shape): Record<string, unknown> | null {
  let rest: Record<string, unknown> | null = null
  const fields = value as Record<string, unknown>
  for (const name in fields) {
    const item = fields[name]
    const below = shape.get(name)
    if (below === undefined) {
      rest ??= {}
      put(rest, name, item)
    } else if (below !== null && typeof item === 'object' && item !== null) {
      const deeper = Array.isArray(item) ? leftoversOfList(item, below) : leftoversOf(item, below)
      if (deeper === null) continue
      rest ??= {}
      put(rest, name, deeper)
    }
  }
  return rest
}

function leftoversOfList(list: readonly unknown[], shape: Shape): Record<string, unknown> | null {
  let rest: Record<string, unknown> | null = null
  for (const [index, item] of list.entries()) {
    if (typeof item !== 'object' || item === null) continue
    const deeper = leftoversOf(item, shape)
    if (deeper === null) continue
    rest ??= {}
    rest[String(index)] = deeper
  }
  return rest
}

/** Adds the fields of `rest` to the producer's own attributes; where both have a name, the leftover's gets a `_`. */
export function mergeLeftovers(
  attributes: Readonly<Record<string, unknown>> | undefined,
  rest: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...attributes }
  for (const [name, item] of Object.entries(rest)) {
    let free = name
    while (Object.hasOwn(merged, free)) free = `${free}_`
    put(merged, free, item)
  }
  return merged
}

/** Sets a field as JSON means it, whatever its name: `__proto__` too is a field like any other. */
export function put(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true })
  } else target[name] = value
}
