const DAY_MS = 86_400_000;

/** The query that the page opens with: the parks, their latest reading, and the last seven whole days (in UTC). */
export function firstQuery(now: Date): string {
  const date = (at: number) => new Date(at).toISOString().slice(0, 10);
  const [from, until] = [date(now.getTime() - 7 * DAY_MS), date(now.getTime())];
  return `# Sign in above, then press the play button.
{
  parks(first: 12) {
    nodes {
      name
      timezone
      energyType
      latestReading {
        timestamp
        localTimestamp
        megawatts
      }
      stats(dates: {from: "${from}", until: "${until}"}) {
        date
        hours
        count
        completeness
        min
        max
        mean
        energyMwh
      }
    }
  }
}
`;
}
