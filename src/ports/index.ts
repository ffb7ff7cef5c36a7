export * from './commit.ts'
export * from './decode.ts'
export * from './fact.ts'
export * from './store.ts'
