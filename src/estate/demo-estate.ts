import type { EstateOptions } from './plan.ts'

/** The estate that comes with Catenary: one Thursday. `scripts/make-estate.mjs` writes it to `data/`. */
export const DEMO_ESTATE: EstateOptions = {
  seed: 20_260_917,
  startAt: Date.UTC(2026, 8, 17),
  hours: 24,
  workflows: 320,
}
