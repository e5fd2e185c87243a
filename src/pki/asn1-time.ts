const utcTag = 0x17;

/** UTCTime has two digits for the year, and GeneralizedTime four. Go also accepts a zone, and UTCTime without seconds. */
const utcForm = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:Z|([+-])(\d\d)(\d\d))$/;
const generalForm = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:Z|([+-])(\d\d)(\d\d))$/;

/**
 * Reads a time of a certificate. asn1-schema would read month 13 as the next January.
 *
 * @param der a UTCTime or a GeneralizedTime
 * @throws Error if it is of another form, or names a day or an hour that does not exist
 */
export function certificateTime(der: ArrayBuffer): Date {
  const [tag = 0, , ...content] = new Uint8Array(der);
  const text = Buffer.from(content).toString('latin1');
  const match = (tag === utcTag ? utcForm : generalForm).exec(text);
  if (match === null) throw new Error(`it has a malformed time ${JSON.stringify(text)}`);
  const [, years = '', month = '', day = '', hour = '', minute = '', second = '00', sign, ...zone] = match;
  // Source: RFC 5280, 4.1.2.5.1.
  const century = tag !== utcTag ? '' : Number(years) >= 50 ? '19' : '20';
  const local = `${century}${years}-${month}-${day}T${hour}:${minute}:${second}`;
  const date = new Date(`${local}Z`);
  if (Number.isNaN(date.getTime()) || date.toISOString() !== `${local}.000Z`)
    throw new Error(`it has a time that does not exist: ${JSON.stringify(text)}`);
  if (sign === undefined) return date;
  const [zoneHours, zoneMinutes] = zone.map(Number);
  const offset = ((zoneHours ?? 0) * 60 + (zoneMinutes ?? 0)) * 60_000;
  return new Date(date.getTime() - (sign === '-' ? -offset : offset));
}
