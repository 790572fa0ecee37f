declare module 'virtual:texts/*' {
  const texts: import('./catalogue.js').Catalogue;
  export default texts;
}
