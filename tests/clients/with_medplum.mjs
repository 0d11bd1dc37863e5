// MedplumClient of @medplum/core, told where our FHIR is; whatever it sends beside comes along.
import { MedplumClient, OperationOutcomeError } from '@medplum/core';
import {
  BASE, ON_A_PAGE, PAGES, TOKEN, expect, expectTogether, person, refused, statement, transaction, walk,
} from './walk.mjs';

const baseUrl = BASE.replace('fhir/R4', '');
const client = new MedplumClient({ baseUrl, fhirUrlPath: 'fhir/R4', tokenUrl: 'oauth/token', accessToken: TOKEN });
let patient;
let trial;

await walk('@medplum/core', {
  async metadata() {
    expect((await client.get('fhir/R4/metadata')).fhirVersion === '4.0.1', 'another version of FHIR');
  },
  async create() {
    patient = await client.createResource(person());
    expect(patient.id && patient.meta.versionId === '1', 'no id came back');
  },
  async 'create if absent'() {
    const body = person();
    const condition = `identifier=urn:example:clients|${body.identifier[0].value}`;
    const first = await client.createResourceIfNoneExist(body, condition);
    const again = await client.createResourceIfNoneExist(body, condition);
    expect(first.id === again.id, 'it was made twice');
    const changed = await client.upsertResource({ ...body, gender: 'other' }, condition);
    expect(changed.id === first.id && changed.gender === 'other', 'by a condition another was changed');
  },
  async read() {
    const got = await client.readResource('Patient', patient.id, { cache: 'reload' });
    expect(got.name[0].family === 'Example', 'another name came back');
    expect((await client.readReference({ reference: `Patient/${patient.id}` })).id === patient.id, 'another patient');
    const several = new MedplumClient({ baseUrl, fhirUrlPath: 'fhir/R4', accessToken: TOKEN, autoBatchTime: 10 });
    const both = await Promise.all([
      several.readResource('Patient', patient.id), several.search('MedicationStatement', { patient: patient.id }),
    ]);
    expect(both[0].id === patient.id && both[1].type === 'searchset', 'read in one batch, they are others');
    const history = await client.readHistory('Patient', patient.id);
    expect(history.entry.length === 1, `${history.entry.length} versions`);
    const everything = await client.readPatientEverything(patient.id);
    expect(everything.entry[0].resource.id === patient.id, 'everything is of another');
  },
  async 'search by pages'() {
    for (let month = 1; month <= PAGES * ON_A_PAGE; month += 1) {
      trial = await client.createResource(statement(`Patient/${patient.id}`, month));
    }
    const asked = { patient: `Patient/${patient.id}`, _count: ON_A_PAGE, _sort: '-effective' };
    const ids = [];
    let pages = 0;
    for await (const page of client.searchResourcePages('MedicationStatement', asked)) {
      pages += 1;
      ids.push(...page.map((each) => each.id));
    }
    expect(pages === PAGES && new Set(ids).size === PAGES * ON_A_PAGE, `${pages} pages, ${ids.length} found`);
    expect(ids[0] === trial.id, 'another is the newest');
    const fields = { patient: patient.id, _fields: 'id,_lastUpdated', _total: 'accurate' };
    await refused(client.search('MedicationStatement', fields)); // Medplum's own parameter: refused, not left out
  },
  async count() {
    const asked = { patient: patient.id, _summary: 'count' };
    const bundle = await client.search('MedicationStatement', asked);
    expect(bundle.total === PAGES * ON_A_PAGE, `it counts ${bundle.total}`);
    const people = await client.search('Patient', { _count: 0, _total: 'accurate' });
    expect(people.total > 0, `it counts ${people.total} patients`);
  },
  async update() {
    trial = await client.updateResource({ ...trial, status: 'completed' });
    expect(trial.meta.versionId === '2', 'no new version');
  },
  async patch() {
    const operations = [{ op: 'replace', path: '/status', value: 'stopped' }];
    const options = { headers: { 'If-Match': 'W/"2"' } };
    const changed = await client.patchResource('MedicationStatement', trial.id, operations, options);
    expect(changed.status === 'stopped', 'the patch did something else');
  },
  async 'version conflict'() {
    const error = await refused(client.updateResource({ ...trial, status: 'on-hold' }));
    expect(error instanceof OperationOutcomeError, `${error}`);
    expect(error.outcome.issue[0].code === 'conflict', `the outcome says ${error.outcome.issue[0].code}`);
    const options = { headers: { 'If-Match': 'W/"1"' } };
    const stale = await refused(client.updateResource(trial, options));
    expect(stale instanceof OperationOutcomeError && stale.outcome.issue[0].code === 'conflict', `${stale}`);
  },
  async delete() {
    await client.deleteResource('MedicationStatement', trial.id, { headers: { 'If-Match': '*' } });
    const error = await refused(client.readResource('MedicationStatement', trial.id, { cache: 'reload' }));
    expect(error.outcome.issue[0].code === 'deleted', `${error}`);
  },
  async transaction() {
    expectTogether(await client.executeBatch(transaction()));
  },
  async '$trd-status'() {
    const said = await client.get(client.fhirUrl('Patient', patient.id, '$trd-status'));
    expect(said.valueCodeableConcept.coding[0].code, 'it is no status');
  },
  async '$validate'() {
    const said = await client.validateResource(statement(`Patient/${patient.id}`));
    expect(said.issue[0].severity === 'information', 'it is not valid');
  },
});
