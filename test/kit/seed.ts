import fc from 'fast-check'

/** Properties are tried on the same cases every time, so that a red run can be had again; `CATENARY_TEST_SEED` tries others. */
fc.configureGlobal({ seed: Number(process.env['CATENARY_TEST_SEED'] ?? 20_261_124) })
