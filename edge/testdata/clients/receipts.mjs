// Checks receipts with the npm package jose, as it comes, and what they vouch for with Node alone.
//   node receipts.mjs ADDRESS < answer.json   with the keys at ADDRESS: prints what the receipt says, and what the answer hashes to
//   node receipts.mjs FILE                    the vectors in FILE: prints the name of each that jose takes
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createLocalJWKSet, createRemoteJWKSet, jwtVerify } from 'jose';

const [where] = process.argv.slice(2);
const verify = (receipt, keys) => jwtVerify(receipt, keys, { typ: 'receipt+jwt', algorithms: ['EdDSA'], requiredClaims: ['jti', 'iat', 'retained'] });
const sha256 = (data) => createHash('sha256').update(data).digest('hex');
const digest = (findings) => sha256(findings.map((f) => `${f.rule}=${f.verdict}\n`).sort().join(''));

if (where.startsWith('http')) {
  const answer = JSON.parse(readFileSync(0, 'utf8'));
  const { payload } = await verify(answer.receipt, createRemoteJWKSet(new URL(where)));
  console.log(JSON.stringify({ says: payload, findings: digest(answer.findings), photo: sha256(Buffer.from(answer.photo.data, 'base64')) }));
} else {
  const vectors = JSON.parse(readFileSync(where, 'utf8'));
  const keys = createLocalJWKSet(vectors.keys);
  const taken = [];
  for (const { name, receipt } of vectors.receipts) {
    try {
      await verify(receipt, keys);
      taken.push(name);
    } catch {
      // refused
    }
  }
  const digests = vectors.digests.map(({ findings, sha256 }) => !sha256 || digest(findings) === sha256);
  console.log(JSON.stringify({ taken, digests }));
}
