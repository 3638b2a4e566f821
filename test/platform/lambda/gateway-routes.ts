/** Route selection: `$request.body.action` and the like, over JSON messages; everything else is `$default`. */

/** The route key of a message, or undefined when no route takes it. */
export function selectRoute(
  message: string,
  expression: string,
  routes: ReadonlySet<string>,
): string | undefined {
  const key = evaluate(message, expression);
  if (key !== undefined && routes.has(key)) return key;
  return routes.has('$default') ? '$default' : undefined;
}

function evaluate(message: string, expression: string): string | undefined {
  const path = /^\$\{?request\.body\.([\w.]+)\}?$/.exec(expression)?.[1];
  let value = parse(message);
  for (const name of path?.split('.') ?? []) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  }
  return typeof value === 'string' && path !== undefined ? value : undefined;
}

function parse(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}
