// The one door through which the contract's own schemas, and zod with them, reach the browser: only pages with forms,
// which are fetched when they are gone to, import it (see vite/contract-routes.ts).
export {
  AddNode,
  benefitsApi,
  ChangePassword,
  EditDevice,
  EditNode,
  EditTrial,
  GiveGrant,
  Invite,
  PlaceDevice,
  placementsApi,
  RegisterDevice,
  RegisterProduct,
  RegisterTrial,
  trialsApi,
} from '#contracts';
