/** One call of the API, as GraphQL over HTTP has it. */
export interface Call {
  query: string;
  variables?: unknown;
  operationName?: string | null;
}

/** An answer: data, errors, or both. */
export interface Answer<Data = unknown> {
  data?: Data | null;
  errors?: { message: string; extensions?: { code?: string } }[];
}

/** Sends one call. Rejects only when no GraphQL answer came back; errors inside an answer are its caller's to read. */
export async function send<Data>(
  call: Call,
  token?: string,
  headers: Record<string, string> = {},
): Promise<Answer<Data>> {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/graphql-response+json, application/json;q=0.9",
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify(call),
    // Credentials travel in headers alone: there is no cookie to send.
    credentials: "omit",
  });
  const type = response.headers.get("Content-Type") ?? "";
  if (!type.includes("json")) {
    throw new Error(`The server answered ${response.status} ${response.statusText}`.trim());
  }
  return (await response.json()) as Answer<Data>;
}
