// Guesses at a password, as many as one address can send.

import { SERVER_URL } from "../server.mjs";
import { send } from "./ask.mjs";

const GUESSES = 10_000;
const AT_ONCE = 100;

async function guess(number) {
  const body = new URLSearchParams({ grant_type: "password", username: `user${number % 10}`, password: `guess number ${number}` });
  const answer = await send({ method: "POST", body }, `${SERVER_URL}/oauth/token`);
  return answer;
}

export function guesses() {
  return [
    {
      name: "10,000 wrong sign-ins",
      wanted: /^(?=.*429)(?!.*(data|access_token|5\d\d)).*$/,
      send: async () => {
        const counts = new Map();
        let next = 0;
        const guesser = async () => {
          while (next < GUESSES) {
            const answer = await guess(next++);
            counts.set(answer, (counts.get(answer) ?? 0) + 1);
          }
        };
        await Promise.all(Array.from({ length: AT_ONCE }, guesser));
        return [...counts].map(([answer, count]) => `${count} times ${answer}`).join(", ");
      },
    },
  ];
}
