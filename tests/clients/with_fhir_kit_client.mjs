// fhir-kit-client, as its readme uses it.
import { Client } from 'fhir-kit-client';
import {
  BASE, ON_A_PAGE, PAGES, TOKEN, expect, expectTogether, person, refused, statement, transaction, walk,
} from './walk.mjs';

const client = new Client({ baseUrl: BASE, bearerToken: TOKEN });
let patient;
let trial;

await walk('fhir-kit-client', {
  async metadata() {
    const anybody = new Client({ baseUrl: BASE });
    expect((await anybody.capabilityStatement()).fhirVersion === '4.0.1', 'another version of FHIR');
    const { tokenUrl } = await anybody.smartAuthMetadata();
    expect(`${tokenUrl}`.endsWith('/oauth/token'), `it would sign in at ${tokenUrl}`);
  },
  async create() {
    patient = await client.create({ resourceType: 'Patient', body: person() });
    const { response } = Client.httpFor(patient);
    expect(response.status === 201, `it was answered ${response.status}`);
    expect(response.headers.get('location').includes(`/Patient/${patient.id}/_history/1`), 'no Location');
  },
  async 'create if absent'() {
    const body = person();
    const condition = `identifier=urn:example:clients|${body.identifier[0].value}`;
    const options = { headers: { 'If-None-Exist': condition } };
    const first = await client.create({ resourceType: 'Patient', body, options });
    const again = await client.create({ resourceType: 'Patient', body, options });
    expect(first.id === again.id, 'it was made twice');
    const searchParams = { identifier: condition.replace('identifier=', '') };
    const changed = await client.update({ resourceType: 'Patient', searchParams, body: { ...body, gender: 'other' } });
    expect(changed.id === first.id && changed.gender === 'other', 'by a condition another was changed');
  },
  async read() {
    const got = await client.read({ resourceType: 'Patient', id: patient.id });
    expect(got.name[0].family === 'Example', 'another name came back');
    const first = await client.vread({ resourceType: 'Patient', id: patient.id, version: '1' });
    expect(first.id === patient.id, 'another version came back');
    const resolved = await client.resolve({ reference: `Patient/${patient.id}` });
    expect(resolved.id === patient.id, 'the reference leads elsewhere');
  },
  async 'search by pages'() {
    for (let month = 1; month <= PAGES * ON_A_PAGE; month += 1) {
      const body = statement(`Patient/${patient.id}`, month);
      trial = await client.create({ resourceType: 'MedicationStatement', body });
    }
    const searchParams = { patient: patient.id, _count: ON_A_PAGE };
    for (const options of [{}, { postSearch: true }]) {
      const ids = new Set();
      let pages = 0;
      let bundle = await client.search({ resourceType: 'MedicationStatement', searchParams, options });
      while (bundle) {
        pages += 1;
        bundle.entry.forEach((entry) => ids.add(entry.resource.id));
        bundle = await client.nextPage({ bundle });
      }
      expect(pages === PAGES && ids.size === PAGES * ON_A_PAGE, `${pages} pages, ${ids.size} found`);
    }
    const compartment = { resourceType: 'Patient', id: patient.id };
    const theirs = await client.search({ resourceType: 'MedicationStatement', compartment });
    expect(theirs.total === PAGES * ON_A_PAGE, `${theirs.total} are in the patient's compartment`);
  },
  async count() {
    const searchParams = { patient: patient.id, _summary: 'count' };
    const bundle = await client.search({ resourceType: 'MedicationStatement', searchParams });
    expect(bundle.total === PAGES * ON_A_PAGE && bundle.entry === undefined, `it counts ${bundle.total}`);
  },
  async update() {
    const body = { ...trial, status: 'completed' };
    trial = await client.update({ resourceType: 'MedicationStatement', id: trial.id, body });
    expect(trial.meta.versionId === '2', 'no new version');
  },
  async patch() {
    const jsonPatch = [{ op: 'replace', path: '/status', value: 'stopped' }];
    const options = { headers: { 'If-Match': `W/"${trial.meta.versionId}"` } };
    const changed = await client.patch({ resourceType: 'MedicationStatement', id: trial.id, jsonPatch, options });
    expect(changed.status === 'stopped' && changed.meta.versionId === '3', 'the patch did something else');
    const listed = await client.history({ resourceType: 'MedicationStatement', id: trial.id });
    expect(listed.total === 3, `${listed.total} versions are listed`);
  },
  async 'version conflict'() {
    const body = { ...trial, status: 'on-hold' };
    const error = await refused(client.update({ resourceType: 'MedicationStatement', id: trial.id, body }));
    expect(error.response?.status === 409, `by its version in the resource: ${error}`);
    expect(error.response.data.issue[0].code === 'conflict', 'the outcome says something else');
    const options = { headers: { 'If-Match': 'W/"1"' } };
    const stale = await refused(client.update({ resourceType: 'MedicationStatement', id: trial.id, body, options }));
    expect(stale.response?.status === 412, `by If-Match: ${stale}`);
  },
  async delete() {
    const options = { headers: { 'If-Match': '*' } };
    await client.delete({ resourceType: 'MedicationStatement', id: trial.id, options });
    const error = await refused(client.read({ resourceType: 'MedicationStatement', id: trial.id }));
    expect(error.response?.status === 410, `${error}`);
  },
  async transaction() {
    expectTogether(await client.transaction({ body: transaction() }));
  },
  async '$trd-status'() {
    const asked = { resourceType: 'Parameters', parameter: [{ name: 'on', valueDate: '2025-12-01' }] };
    for (const how of [{ method: 'GET' }, { method: 'POST', input: asked }, { method: 'POST' }]) {
      const said = await client.operation({ name: 'trd-status', resourceType: 'Patient', id: patient.id, ...how });
      expect(said.valueCodeableConcept.coding[0].code, `${how.method}: it is no status`);
    }
  },
  async '$validate'() {
    const input = statement(`Patient/${patient.id}`);
    const said = await client.operation({ name: 'validate', resourceType: 'MedicationStatement', input });
    expect(said.issue[0].severity === 'information', 'it is not valid');
  },
});
