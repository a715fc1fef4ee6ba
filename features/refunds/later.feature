@refunds @pci-6.2.4 @cwe-841 @asvs-V2.3.5 @wstg-BUSL-10
Feature: A refund is a promise until the bank has kept it

  Some refunds take days and some of them come back. A shop that books the promise as the deed owes its customers money
  that it believes it has paid.

  @high @defect-M06
  Scenario: A refund under way is not shown as done
    Given a shopper who paid 49.99 EUR with a card whose refunds take a while
    When the operator refunds 49.99 EUR
    Then the operator sees a pending refund of 49.99 EUR

  @high @defect-M06 @defect-W22 @simulator-only
  Scenario: A refund that took a while is booked when it settles
    Given a shopper who paid 49.99 EUR with a card whose refunds take a while
    When the operator refunds 49.99 EUR
    And 10 days pass
    Then the order is refunded
    And the operator sees a succeeded refund of 49.99 EUR
    And the books balance and agree with the provider

  @critical @defect-M06 @simulator-only
  Scenario: A refund that the bank returns reopens the order
    Given a shopper who paid 49.99 EUR with a card whose refunds fail later
    When the operator refunds 49.99 EUR
    And 10 days pass
    Then the order is paid
    And the operator sees a failed refund of 49.99 EUR
    And the shop counts 0.00 EUR as refunded
    And the books balance and agree with the provider

  @high @defect-M06 @defect-R04 @simulator-only
  Scenario: After a returned refund the money can be sent again
    Given a shopper who paid 49.99 EUR with a card whose refunds are made and returned
    When the operator refunds 49.99 EUR
    And 10 days pass
    And the order is seen as paid
    And the operator refunds 20.00 EUR
    Then the order is partly refunded
    And the provider counts 1 refund
    And the provider has 20.00 EUR refunded

  @critical @defect-M06 @defect-M03
  Scenario: A refund under way already counts against the payment
    Given a shopper who paid 100.00 EUR with a card whose refunds take a while
    When the operator refunds 80.00 EUR
    And the operator refunds 80.00 EUR
    Then the answer is a refusal, not an error of the server
    And the provider has 80.00 EUR refunded

  @high @defect-M07
  Scenario: A refund made at the provider's own desk reaches the books
    Given a shopper who paid 49.99 EUR
    When 20.00 EUR are refunded at the provider's own desk
    Then the order is partly refunded
    And the shop counts 20.00 EUR as refunded
    And the books balance and agree with the provider

  @critical @defect-M07 @defect-M03
  Scenario: After a refund at the provider's own desk only the rest can be refunded
    Given a shopper who paid 100.00 EUR
    When 70.00 EUR are refunded at the provider's own desk
    And the order is seen as partly refunded
    And the operator refunds 40.00 EUR
    Then the answer is a refusal, not an error of the server
    And the provider has 70.00 EUR refunded

  @high @defect-M07 @defect-W29
  Scenario: The shop has not heard of the refund at the provider's own desk when it is asked for another
    Given a shopper who paid 100.00 EUR
    And the provider's events are held back
    When 70.00 EUR are refunded at the provider's own desk
    And the operator refunds 40.00 EUR
    And the held events arrive
    Then the order is partly refunded
    And the provider has 70.00 EUR refunded
    And the shop counts 70.00 EUR as refunded
    And the books balance and agree with the provider

  @high @defect-W28 @defect-W23 @simulator-only
  Scenario: The news of a refund overtakes the answer that made it
    Given a shopper who paid 100.00 EUR
    And the next request to refund meets a slow answer
    When the operator refunds 40.00 EUR
    Then the order is partly refunded
    And the shop counts 40.00 EUR as refunded
    And the provider counts 1 refund
    And the books balance and agree with the provider
