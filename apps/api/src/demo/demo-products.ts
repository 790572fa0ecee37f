import { RegisterProduct } from '#contracts';

/** Products of suppliers that do not exist. Prices in öre without VAT are examples, not offers. */
export const DEMO_PRODUCTS: Readonly<Record<string, RegisterProduct>> = {
  lock: RegisterProduct.parse({
    family: 'keyless_lock',
    supplier: 'Exempellås AB',
    model: 'Nyckelfri 2',
    priceOnceOre: 245_000,
    priceMonthOre: 14_900,
    ceMarked: true,
    intendedPurpose: 'Öppnar ytterdörren för hemtjänsten utan att en nyckel hämtas.',
    interfaceOpenness: 'documented',
    contractReference: 'Exempelavtal 2026-01',
    licenceCount: 40,
  }),
  otherLock: RegisterProduct.parse({
    family: 'keyless_lock',
    supplier: 'Påhittade Dörrar AB',
    model: 'Gläntan',
    priceOnceOre: 198_000,
    priceMonthOre: 17_500,
    ceMarked: true,
    intendedPurpose: 'Alternativ till Nyckelfri 2, inte provat i kommunen.',
    interfaceOpenness: 'closed',
  }),
  robot: RegisterProduct.parse({
    family: 'sleep_robot',
    supplier: 'Exempelrobotar AB',
    model: 'Vila',
    priceOnceOre: 690_000,
    mdrClass: 'I',
    ceMarked: true,
    intendedPurpose: 'Andas eller spelar musik i sängen, för lugnare insomning.',
    interfaceOpenness: 'documented',
  }),
  screen: RegisterProduct.parse({
    family: 'smart_screen',
    supplier: 'Exempelskärmar AB',
    model: 'Storbild 55',
    priceOnceOre: 1_890_000,
    priceMonthOre: 29_900,
    ceMarked: true,
    intendedPurpose: 'Sänder aktiviteter och information till dagrum, och ringer videosamtal.',
    interfaceOpenness: 'open',
    contractReference: 'Exempelavtal 2026-02',
  }),
};
