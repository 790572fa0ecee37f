import { Module } from '@nestjs/common';
import { DevicesController } from './devices/devices.controller.js';
import { DevicesService } from './devices/devices.service.js';
import { GatewaysController } from './gateways/gateways.controller.js';
import { GatewaysService } from './gateways/gateways.service.js';
import { MappingsController } from './mappings/mappings.controller.js';
import { MappingsService } from './mappings/mappings.service.js';
import { PlacementsController } from './placements/placements.controller.js';
import { PlacementsService } from './placements/placements.service.js';
import { ProductsController } from './products/products.controller.js';
import { ProductsService } from './products/products.service.js';
import { RejectsController } from './rejects/rejects.controller.js';
import { RejectsService } from './rejects/rejects.service.js';

/** Products, devices with their credentials, where devices stand, and the messages that could not be taken. */
@Module({
  controllers: [
    ProductsController,
    DevicesController,
    PlacementsController,
    RejectsController,
    GatewaysController,
    MappingsController,
  ],
  providers: [ProductsService, DevicesService, PlacementsService, RejectsService, GatewaysService, MappingsService],
})
export class InventoryModule {}
