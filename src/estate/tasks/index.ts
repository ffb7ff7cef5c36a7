import type { Episode } from '../episode.ts'
import { deployToStaging, mendBug, scanRepository } from './engineering.ts'
import { buySupplies, matchInvoices, reviewContract } from './finance.ts'
import { buildReport, enrichContacts, researchMarket, writeBrief } from './knowledge.ts'
import { answerAlarm, answerQuestion, welcomeColleague } from './operations.ts'
import { bookMeeting, triageTicket, writeNotes } from './support.ts'

/** The company's everyday work, each as often as it stands here. */
export const TASKS: readonly ((episode: Episode) => void)[] = [
  triageTicket,
  triageTicket,
  triageTicket,
  bookMeeting,
  bookMeeting,
  writeNotes,
  matchInvoices,
  matchInvoices,
  buySupplies,
  reviewContract,
  mendBug,
  mendBug,
  deployToStaging,
  scanRepository,
  answerAlarm,
  answerQuestion,
  answerQuestion,
  welcomeColleague,
  researchMarket,
  enrichContacts,
  writeBrief,
  buildReport,
]
