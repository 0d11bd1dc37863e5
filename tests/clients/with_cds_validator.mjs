// cds-validator at the CDS Hooks edge. It knows the draft of 2016 and nothing later: what the standard added or renamed
// since is told as what it lacks, and all that the draft knew already must pass.
import { createRequire } from 'node:module';
import { BASE, Lacks, TOKEN, expect, walk } from './walk.mjs';

const { Card, DiscoveryResponse } = createRequire(import.meta.url)('cds-validator');
const services = BASE.replace('/fhir/R4', '/cds-services');
const ADDED = [
  /additionalProperty "(uuid|title|usageRequirements|overrideReasons|selectionBehavior)" exists/,
  /additionalProperty "(topic|icon|type|appContext|isRecommended|actions|extension)" exists/,
  /\.(name|detail) is required/,
  /is not one of enum values: success,info,warning,hard-stop/,
];

// Whether the draft's validator passes it, but for what came later; the names of that.
async function laterIn(validate, text) {
  const errors = await validate(text).then(() => [], (found) => found);
  const said = errors.map((error) => `${error.property} ${error.message}`);
  const strange = said.filter((each) => !ADDED.some((known) => known.test(each)));
  expect(strange.length === 0, strange.join('; '));
  return new Set(said.map((each) => each.match(/"(\w+)"|\.(\w+) is required/)?.slice(1).find(Boolean) ?? 'critical'));
}

function expectOnlyLater(later) {
  if (later.size > 0) {
    throw new Lacks(`what came after the draft of 2016 (${[...later].sort().join(', ')}); all else passes`);
  }
}

function draft(medicine) {
  const coding = [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: medicine }];
  const subject = { reference: 'Patient/1288992' };
  const order = { resourceType: 'MedicationRequest', id: 'draft-1', status: 'draft', intent: 'order', subject };
  const timing = { repeat: { frequency: 1, period: 1, periodUnit: 'd' } };
  const dosageInstruction = [{ timing, doseAndRate: [{ doseQuantity: { value: 25, unit: 'mg' } }] }];
  return { ...order, medicationCodeableConcept: { coding }, dosageInstruction };
}

function trial(id, text, start, end) {
  return {
    resourceType: 'MedicationStatement', id, status: 'stopped', subject: { reference: 'Patient/1288992' },
    medicationCodeableConcept: { text }, effectivePeriod: { start, end },
    reasonCode: [{ text: 'depression' }], statusReason: [{ text: 'lack of efficacy' }],
  };
}

async function asked(id, context) {
  const first = trial('a', 'sertraline', '2025-01-10', '2025-03-28');
  const trials = [first, trial('b', 'venlafaxine', '2025-04-01', '2025-06-30')];
  const entry = trials.map((resource) => ({ resource }));
  const code = { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'F33.2' }] };
  const subject = { reference: 'Patient/1288992' };
  const depression = { resourceType: 'Condition', id: 'c', subject, code, onsetDateTime: '2024-11' };
  const nothing = { medicationRequests: null, medicationDispenses: null, ratings: null, procedures: null };
  const prefetch = {
    patient: { resourceType: 'Patient', id: '1288992' },
    conditions: { resourceType: 'Bundle', type: 'searchset', entry: [{ resource: depression }] },
    medicationStatements: { resourceType: 'Bundle', type: 'searchset', entry },
    ...nothing,
  };
  const hookInstance = 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea';
  const body = { hook: id.replace('trd-', ''), hookInstance, prefetch };
  body.context = { userId: 'Practitioner/example', patientId: '1288992', ...context };
  const answer = await fetch(`${services}/${id}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  expect(answer.status === 200, `${answer.status}: ${text.slice(0, 300)}`);
  expect(JSON.parse(text).cards.length > 0, 'there is no card');
  return text;
}

await walk('cds-validator', {
  async discovery() {
    const answer = await fetch(services);
    expect(answer.status === 200, `${answer.status}`);
    expectOnlyLater(await laterIn(DiscoveryResponse, await answer.text()));
  },
  async 'patient-view'() {
    expectOnlyLater(await laterIn(Card, await asked('trd-patient-view', {})));
  },
  async 'order-select'() {
    const draftOrders = { resourceType: 'Bundle', entry: [{ resource: draft('36437') }] };
    const selections = ['MedicationRequest/draft-1'];
    expectOnlyLater(await laterIn(Card, await asked('trd-order-select', { selections, draftOrders })));
  },
  async 'order-sign'() {
    const draftOrders = { resourceType: 'Bundle', entry: [{ resource: draft('36437') }] };
    expectOnlyLater(await laterIn(Card, await asked('trd-order-sign', { draftOrders })));
  },
}, ['discovery', 'patient-view', 'order-select', 'order-sign']);
