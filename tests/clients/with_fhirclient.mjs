// fhirclient of SMART Health IT, for JavaScript, as it is used by a server that has a token.
import { createRequire } from 'node:module';
import {
  BASE, ON_A_PAGE, PAGES, TOKEN, expect, expectTogether, person, refused, statement, transaction, walk,
} from './walk.mjs';

const smart = createRequire(import.meta.url)('fhirclient');
const page = { headers: {}, url: '/', session: {} };
const launched = smart(page, {}, { get: async () => null, set: async () => null, unset: async () => true });
const client = launched.client({ serverUrl: BASE, tokenResponse: { access_token: TOKEN } });
let patient;
let trial;

await walk('fhirclient (JavaScript)', {
  async metadata() {
    expect((await new smart.FhirClient(BASE).getFhirVersion()) === '4.0.1', 'another version of FHIR');
    expect((await client.getFhirRelease()) === 4, 'another release of FHIR');
  },
  async create() {
    patient = await client.create(person());
    expect(patient.id && patient.meta.versionId === '1', 'no id came back');
  },
  async 'create if absent'() {
    const body = person();
    const headers = { 'If-None-Exist': `identifier=urn:example:clients|${body.identifier[0].value}` };
    const [first, again] = [await client.create(body, { headers }), await client.create(body, { headers })];
    expect(first.id === again.id, 'it was made twice');
  },
  async read() {
    const got = await client.request(`Patient/${patient.id}`);
    expect(got.name[0].family === 'Example', 'another name came back');
    const ofPatient = launched.client({ serverUrl: BASE, tokenResponse: { access_token: TOKEN, patient: patient.id } });
    expect((await ofPatient.patient.read()).id === patient.id, 'the patient of the token is another');
    await ofPatient.patient.request('MedicationStatement');
  },
  async 'search by pages'() {
    for (let month = 1; month <= PAGES * ON_A_PAGE; month += 1) {
      trial = await client.create(statement(`Patient/${patient.id}`, month));
    }
    const address = `MedicationStatement?patient=${patient.id}&_count=${ON_A_PAGE}`;
    const listed = await client.request(address, { pageLimit: 0, flat: true, resolveReferences: 'subject' });
    expect(new Set(listed.map((each) => each.id)).size === PAGES * ON_A_PAGE, `${listed.length} were found`);
    expect(listed[0].subject.id === patient.id, 'the patient was not put in the place of the reference');
    let pages = 0;
    for await (const each of client.pages(address)) {
      pages += each.entry.length > 0 ? 1 : 0;
    }
    expect(pages === PAGES, `${pages} pages`);
  },
  async count() {
    const bundle = await client.request(`MedicationStatement?patient=${patient.id}&_summary=count`);
    expect(bundle.total === PAGES * ON_A_PAGE, `it counts ${bundle.total}`);
  },
  async update() {
    trial = await client.update({ ...trial, status: 'completed' });
    expect(trial.meta.versionId === '2', 'no new version');
  },
  async patch() {
    const operations = [{ op: 'replace', path: '/status', value: 'stopped' }];
    const headers = { 'If-Match': 'W/"2"' };
    const changed = await client.patch(`MedicationStatement/${trial.id}`, operations, { headers });
    expect(changed.status === 'stopped', 'the patch did something else');
  },
  async 'version conflict'() {
    const error = await refused(client.update({ ...trial, status: 'on-hold' }));
    expect(error.status === 409, `${error}`);
    expect(`${error}`.includes('was changed'), `the message does not say what happened: ${error}`);
    const stale = await refused(client.update(trial, { headers: { 'If-Match': 'W/"1"' } }));
    expect(stale.status === 412, `${stale}`);
  },
  async delete() {
    await client.delete(`MedicationStatement/${trial.id}`, { headers: { 'If-Match': '*' } });
    const error = await refused(client.request(`MedicationStatement/${trial.id}`));
    expect(error.status === 410, `${error}`);
  },
  async transaction() {
    expectTogether(await client.request({ url: '', method: 'POST', body: JSON.stringify(transaction()),
      headers: { 'content-type': 'application/fhir+json' } }));
  },
  async '$trd-status'() {
    const said = await client.request(`Patient/${patient.id}/$trd-status`);
    expect(said.valueCodeableConcept.coding[0].code, 'it is no status');
  },
  async '$validate'() {
    const body = JSON.stringify(statement(`Patient/${patient.id}`));
    const headers = { 'content-type': 'application/json' };
    const said = await client.request({ url: 'MedicationStatement/$validate', method: 'POST', body, headers });
    expect(said.issue[0].severity === 'information', 'it is not valid');
  },
});
