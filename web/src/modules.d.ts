// Monaco's worker files have no types of their own; Vite gives the `?worker` suffix its meaning.
declare module "*.js?worker" {
  const Constructor: new () => Worker;
  export default Constructor;
}
