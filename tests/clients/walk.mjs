// What every client does, as tests/clients/walk.py has it for Python; on stdout one line of JSON for each operation.
import { randomUUID } from 'node:crypto';

export const BASE = process.env.FHIR_BASE;
export const TOKEN = process.env.FHIR_TOKEN;
export const PAGES = 3;
export const ON_A_PAGE = 2;
const OPERATIONS = [
  'metadata', 'create', 'create if absent', 'read', 'search by pages', 'count', 'update', 'patch', 'version conflict',
  'delete', 'transaction', '$trd-status', '$validate',
];

export class Lacks extends Error {}

export function expect(kept, sentence) {
  if (!kept) {
    throw new Error(sentence);
  }
}

// Resolves to the error that was expected.
export async function refused(promise) {
  let answer;
  try {
    answer = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`it was not refused: ${JSON.stringify(answer).slice(0, 200)}`);
}

function tell(client, operation, result, why = '') {
  process.stdout.write(`${JSON.stringify({ client, operation, result, why })}\n`);
}

export async function walk(client, steps, operations = OPERATIONS) {
  for (const operation of operations) {
    try {
      expect(steps[operation], 'there is nothing here that tries it');
      await steps[operation]();
      tell(client, operation, 'ok');
    } catch (error) {
      const lacks = error instanceof Lacks;
      tell(client, operation, lacks ? 'lacks' : 'FAILED', lacks ? error.message : `${error}`.slice(0, 1000));
    }
  }
}

export function person(mark = randomUUID()) {
  return {
    resourceType: 'Patient',
    identifier: [{ system: 'urn:example:clients', value: mark }],
    name: [{ family: 'Example', given: ['Anna'] }],
    birthDate: '1984-03',
    gender: 'female',
  };
}

const SERTRALINE = ['36437', 'sertraline'];
const VENLAFAXINE = ['39786', 'venlafaxine'];

export function statement(patient, month = 1, [code, text] = SERTRALINE) {
  const day = (number) => `2025-${String(number).padStart(2, '0')}`;
  return {
    resourceType: 'MedicationStatement',
    status: 'stopped',
    medicationCodeableConcept: { coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code }], text },
    subject: { reference: patient },
    effectivePeriod: { start: `${day(month)}-10`, end: `${day(month + 2)}-28` },
  };
}

export function transaction() {
  const urn = `urn:uuid:${randomUUID()}`;
  const sent = [statement(urn), statement(urn, 5, VENLAFAXINE)];
  const entries = sent.map((resource) => ({ resource, request: { method: 'POST', url: 'MedicationStatement' } }));
  const first = { fullUrl: urn, resource: person(), request: { method: 'POST', url: 'Patient' } };
  return { resourceType: 'Bundle', type: 'transaction', entry: [first, ...entries] };
}

// Whether the trials of a transaction's answer are those of the patient that was made with them.
export function expectTogether(done) {
  const [patient, ...trials] = done.entry.map((entry) => entry.resource);
  expect(trials.length === 2, `${trials.length} trials were made`);
  for (const trial of trials) {
    expect(trial.subject.reference === `Patient/${patient.id}`, `a trial is of ${trial.subject.reference}`);
  }
}
