import { documentsApi, type ResponseOf } from '#contracts';
import { Controller } from '@nestjs/common';
import { asyncApiDocument } from './asyncapi.js';
import { Route } from './route.js';

/** What describes the product to machines. */
@Controller()
export class DocumentsController {
  private readonly asyncApiDocument = asyncApiDocument('1');

  @Route(documentsApi.asyncApi)
  async asyncApi(): Promise<ResponseOf<typeof documentsApi.asyncApi>> {
    return this.asyncApiDocument;
  }
}
