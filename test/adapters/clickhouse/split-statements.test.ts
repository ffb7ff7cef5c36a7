import { describe, expect, it } from 'vitest'
import { splitStatements } from '../../../src/adapters/clickhouse/split-statements.ts'

describe('splitStatements', () => {
  it.each([
    ['several statements', 'SELECT 1;\nSELECT 2;', ['SELECT 1', 'SELECT 2']],
    ['a last one without its semicolon', 'SELECT 1; SELECT 2', ['SELECT 1', 'SELECT 2']],
    ['nothing but comments', '-- one; two\n/* three; four */ ;', []],
    [
      'semicolons in quotes',
      "SELECT ';', 'it''s;', 'a\\';b'; SELECT 2",
      ["SELECT ';', 'it''s;', 'a\\';b'", 'SELECT 2'],
    ],
    ['semicolons in quoted names', 'SELECT `a;b`, "c;d"; SELECT 2', ['SELECT `a;b`, "c;d"', 'SELECT 2']],
    ['comments inside a statement', "SELECT -- one; it's\n 1 /* two; */ + 2", ['SELECT  \n 1   + 2']],
    ['comment signs inside quotes', "SELECT '-- no', '/* no */'", ["SELECT '-- no', '/* no */'"]],
    ['signs that begin no comment', 'SELECT 3 - 2 / 1', ['SELECT 3 - 2 / 1']],
  ])('separates %s', (_, sql, statements) => {
    expect(splitStatements(sql)).toEqual(statements)
  })
})
