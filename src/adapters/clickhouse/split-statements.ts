/**
 * The statements of an SQL file, without comments. Semicolons inside quotes, quoted names and comments separate nothing.
 * Whitespace around a statement is dropped; inside quotes nothing is touched.
 */
export function splitStatements(sql: string): readonly string[] {
  const statements: string[] = []
  let statement = ''
  for (const [token] of sql.matchAll(TOKEN)) {
    if (token === ';') {
      statements.push(statement.trim())
      statement = ''
    } else if (token.startsWith('--') || token.startsWith('/*')) statement += ' '
    else statement += token
  }
  return [...statements, statement.trim()].filter((one) => one !== '')
}

/** A comment, a quoted text (`\` and a doubled quote escape), a semicolon, a run of anything else, or a lone character. */
const TOKEN =
  /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S])*"|`(?:[^`\\]|\\[\s\S])*`|;|[^-/'"`;]+|[\s\S]/g
